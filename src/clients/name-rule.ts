/**
 * The rule for names that people read: of accounts, members, organizations, teams, applications and
 * resource servers. They are in pages, in mail and in its subject, so nothing in them is hidden, passes
 * for something else, or leads somewhere.
 *
 * Source: Unicode Technical Standard 39; RFC 2047 section 2 (encoded words, which mail programs decode).
 *
 * @module
 */

import { hasHiddenCharacters, usesOneWritingSystem } from './readable-text.ts';
import { claimsTrust, looksReserved } from './reserved-names.ts';

/** What `nameFault` takes for hidden, as far as every language can say it: no classes of Unicode. */
const unseen =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ue000-\\uf8ff\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb';

/**
 * What every good name matches before it is trimmed, for those who check before they ask: something to
 * see, and nothing hidden. The rest of the rule is no regular expression.
 */
export const namePattern = `^\\s*[^\\s${unseen}](?:[^${unseen}]*[^\\s${unseen}])?\\s*$`;

/** Mail programs and chats make links of these by themselves. */
const address = /:\/\/|(?<![\p{L}\p{N}])www\./iu;
const encodedWord = /=\?[^?]*\?[bq]\?/i;

/**
 * @param name in the form in which it would be stored.
 * @returns what is wrong with it, in ASCII and without the name in it; undefined of a good one.
 */
export function nameFault(name: string, maxCharacters: number): string | undefined {
  if (name === '') return 'must not be empty';
  if (Array.from(name).length > maxCharacters) {
    return `must have at most ${maxCharacters} characters`;
  }
  if (hasHiddenCharacters(name)) return 'must not hold control, direction or invisible characters';
  if (!/[\p{L}\p{N}]/u.test(name)) return 'must hold a letter or a digit';
  if (/^\p{M}|\p{Mn}{5}/u.test(name)) return 'must not hold stacked or loose accents';
  if (!usesOneWritingSystem(name)) return 'must not mix the letters of several scripts';
  if (address.test(name)) return 'must not hold an address';
  if (encodedWord.test(name)) return 'must not hold an encoded word of a mail (=?...?=)';
  return undefined;
}

/** Of organizations and teams, which write to people. */
export function groupNameFault(name: string, maxCharacters: number): string | undefined {
  const fault = nameFault(name, maxCharacters);
  if (fault !== undefined) return fault;
  return looksReserved(name) ? 'must not look like a name of Usher itself' : undefined;
}

/** Of people, some of whom are called Usher. */
export function personNameFault(name: string, maxCharacters: number): string | undefined {
  const fault = nameFault(name, maxCharacters);
  if (fault !== undefined) return fault;
  const isClaim = looksReserved(name) && claimsTrust(name);
  return isClaim ? 'must not claim to speak for Usher' : undefined;
}

/** @returns the form in which a name is stored (NFC, trimmed); what is far too long stays as it is. */
export function storedName(name: string, maxCharacters: number): string {
  return name.length > 4 * maxCharacters ? name : name.normalize('NFC').trim();
}
