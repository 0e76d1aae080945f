/**
 * Names that claim to be Usher itself.
 *
 * Source: RFC 7591 section 5 (names that mislead), Unicode Technical Standard 39.
 *
 * @module
 */

/** Refused as a word and as a beginning; see `looksReserved`. */
const reservedNames = ['usher'];

/** Signs that read as a letter of a reserved name, after case and accents are gone. */
const lookalikes = new Map(
  Object.entries({ u: 'υцսμʋ', s: 'ѕ5$ꜱ', h: 'һнηհʜ', e: 'еεє3€', r: 'гяʀɾ' }).flatMap(
    ([letter, signs]) => Array.from(signs, (sign) => [sign, letter] as const),
  ),
);

/**
 * "Usher Official", "The Usher", "U-s-h-e-r", "UsherLogin" and "Usһer" are refused; "Pusher" and
 * "Gusher" are other words. "Usherette" falls with the beginnings: nobody knows where the
 * imitation ends.
 */
export function looksReserved(name: string): boolean {
  const words = name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .split(/[^\p{L}\p{N}\p{M}$€]+/u)
    .map(skeleton);
  const whole = words.join('');
  return reservedNames.some((reserved) => whole.startsWith(reserved) || words.includes(reserved));
}

/** What a name says that claims to be ours, or to be trusted. */
const claims =
  /(?<!\p{L})(?:official(?:ly)?|verified|certified|security|support|staff|team|admin|login|system)(?!\p{L})/iu;

/** Whether a name says of itself that it is official, or may be trusted. */
export function claimsTrust(name: string): boolean {
  return claims.test(name);
}

function skeleton(word: string): string {
  const plain = word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return Array.from(plain, (sign) => lookalikes.get(sign) ?? sign).join('');
}

/** Signs that read as another: what is written in one script alone can pass for Latin. */
const twins = new Map(
  Object.entries({
    a: 'аα',
    b: 'вβ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еεє3',
    g: 'ɡ',
    h: 'нһ',
    j: 'ј',
    k: 'кκ',
    m: 'м',
    n: 'ոη',
    o: 'оο0',
    p: 'рρ',
    s: 'ѕ5$',
    t: 'тτ',
    u: 'սυ',
    v: 'ν',
    x: 'хχ',
    y: 'уγ',
    l: 'iіι1|',
  }).flatMap(([letter, signs]) => Array.from(signs, (sign) => [sign, letter] as const)),
);

/** Whether a reader would take one name for the other: case, accents, spaces and look-alikes aside. */
export function readsAs(one: string, other: string): boolean {
  return legible(one) === legible(other);
}

function legible(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return Array.from(plain, (sign) => twins.get(sign) ?? sign)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[^\p{L}\p{N}]/gu, '');
}
