/**
 * Which names an application may have. The name is on the consent page, chosen by a stranger
 * and read by someone who decides by it, so it must look like what it is and not like Usher's own.
 *
 * Source: RFC 7591 section 5 (names that mislead), Unicode Technical Standard 39.
 *
 * @module
 */

import { nameFault } from './name-rule.ts';
import { claimsTrust, looksReserved } from './reserved-names.ts';

const maxCharacters = 64;

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
  const fault = nameFault(name, maxCharacters);
  if (fault !== undefined) return fault;
  if (/\p{So}/u.test(name)) return 'must not hold pictures, which can pass for a mark of trust';
  const around = name.replace(/\([^()]*\)/g, ''); // what an eye reads on that skips what is in them
  if (looksReserved(around) || (looksReserved(name) && !isNamedInParentheses(name))) {
    return 'must not look like a name of Usher itself, except in parentheses after another name';
  }
  return undefined;
}

/**
 * "Claude Code (usher)" is an application that says with which server it works, as many do. The name
 * before the parentheses must be one of its own, and nothing in it may claim more.
 */
function isNamedInParentheses(name: string): boolean {
  const [, own = ''] = /^(.*\S) \([^()]+\)$/.exec(name) ?? [];
  return /[\p{L}\p{N}]/u.test(own) && !looksReserved(own) && !claimsTrust(name);
}
