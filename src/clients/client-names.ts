/**
 * Which names an application may have. The name stands on the consent page, chosen by a stranger
 * and read by someone who decides by it, so it must look like what it is and not like Usher's own.
 *
 * Source: RFC 7591 section 5 (names that mislead), Unicode Technical Standard 39.
 *
 * @module
 */

import { hasHiddenCharacters, usesOneWritingSystem } from './readable-text.ts';

const maxCharacters = 64;

/** Refused as a word and as a beginning; see `looksReserved`. */
const reservedNames = ['usher'];

/** Signs that read as a letter of a reserved name, after case and accents are gone. */
const lookalikes = new Map(
  Object.entries({ u: 'υцսμʋ', s: 'ѕ5$ꜱ', h: 'һнηհʜ', e: 'еεє3€', r: 'гяʀɾ' }).flatMap(
    ([letter, signs]) => Array.from(signs, (sign) => [sign, letter] as const),
  ),
);

export type ClientNameOutcome =
  | { readonly outcome: 'accepted'; readonly name: string }
  | { readonly outcome: 'refused'; readonly reason: string };

/**
 * Checks the name of an application.
 *
 * @returns the name as it is to be stored: compatibility forms folded (NFKC), no space around it,
 *   one space between words; or why it is refused, in ASCII and without the name in it.
 */
export function checkClientName(text: string): ClientNameOutcome {
  // Folding lengthens a text up to 18 times: what is far too long is not folded at all.
  if (text.length > 4 * maxCharacters)
    return refused(`must have at most ${maxCharacters} characters`);
  const name = text.normalize('NFKC').replace(/ {2,}/g, ' ').replace(/^ | $/g, '');
  const reason = findFault(name);
  return reason === undefined ? { outcome: 'accepted', name } : refused(reason);
}

function refused(reason: string): ClientNameOutcome {
  return { outcome: 'refused', reason };
}

function findFault(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  if (Array.from(name).length > maxCharacters) {
    return `must have at most ${maxCharacters} characters`;
  }
  if (hasHiddenCharacters(name)) return 'must not hold control, direction or invisible characters';
  if (!/[\p{L}\p{N}]/u.test(name)) return 'must hold a letter or a digit';
  if (/\p{So}/u.test(name)) return 'must not hold pictures, which can pass for a mark of trust';
  if (/^\p{M}|\p{Mn}{5}/u.test(name)) return 'must not hold stacked or loose accents';
  if (!usesOneWritingSystem(name)) return 'must not mix the letters of several scripts';
  const around = name.replace(/\([^()]*\)/g, ''); // what an eye reads on that skips what is in them
  if (looksReserved(around) || (looksReserved(name) && !isNamedInParentheses(name))) {
    return 'must not look like a name of Usher itself, except in parentheses after another name';
  }
  return undefined;
}

/**
 * "Usher Official", "The Usher", "U-s-h-e-r", "UsherLogin" and "Usһer" are refused; "Pusher" and
 * "Gusher" are other words. "Usherette" falls with the beginnings: nobody can tell where the
 * imitation ends.
 */
function looksReserved(name: string): boolean {
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

/**
 * "Claude Code (usher)" is an application that says with which server it works, as many do. The name
 * before the parentheses must be one of its own, and nothing in it may claim more.
 */
function isNamedInParentheses(name: string): boolean {
  const [, own = ''] = /^(.*\S) \([^()]+\)$/.exec(name) ?? [];
  return /[\p{L}\p{N}]/u.test(own) && !looksReserved(own) && !claims.test(name);
}

function skeleton(word: string): string {
  const plain = word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return Array.from(plain, (sign) => lookalikes.get(sign) ?? sign).join('');
}
