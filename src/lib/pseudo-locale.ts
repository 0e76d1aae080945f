/**
 * A language that nobody speaks, made from another one: what is not in the message files, is too
 * narrow for a longer language, or runs in the wrong direction shows at the first look.
 *
 * @module
 */

const plain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const accented = 'ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž';

const accents: ReadonlyMap<string, string> = new Map(
  Array.from(plain, (letter, at) => [letter, Array.from(accented)[at] ?? letter]),
);

/** @returns the text with accents and about a third longer; spaces at its ends stay. */
export function disguise(text: string): string {
  const changed = Array.from(text, (letter) => accents.get(letter) ?? letter).join('');
  const words = text.match(/\p{L}{4,}/gu)?.length ?? 0;
  return changed.replace(/(\s*)$/, `${'·'.repeat(words * 2)}$1`);
}
