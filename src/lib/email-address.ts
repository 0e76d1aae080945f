/**
 * The identity of an e-mail address: two spellings are one account exactly when this form is equal.
 *
 * Compatibility forms fold together (NFKC), letters become small, and what is not plain ASCII after
 * that is refused, so that no look-alike letter makes a second account. Mail goes to this form too:
 * whoever proves that a letter arrived proves it for the address that is stored.
 *
 * Source: RFC 5321 sections 2.4, 4.1.2 and 4.5.3.1 (form and lengths; quoted local parts and
 * address literals are refused), RFC 5322 section 3.4.1 (dot-atom); RFC 2047 section 2 (an encoded word,
 * which a mail program would decode, is refused).
 *
 * @module
 */

import { domainToASCII } from 'node:url';

const maxLength = 254;
const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const localPart = new RegExp(`^(?=.{1,64}$)(?!.*=\\?)${atom}(?:\\.${atom})*$`);
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Two labels or more, the last not all digits: that would be an IPv4 address. */
const domainName = new RegExp(`^(?:${label}\\.)+(?![0-9]+$)${label}$`);

/** @returns the one form of an address; undefined for what is not an address that Usher accepts. */
export function normalizeEmail(text: string): string | undefined {
  if (text.length > maxLength * 2) return undefined;
  const address = text.normalize('NFKC').trim().toLowerCase();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = address.slice(at + 1).replace(/\.$/, '');
  const form = `${local}@${domain}`;
  const accepted = localPart.test(local) && domainName.test(domain) && form.length <= maxLength;
  return accepted ? form : undefined;
}

/**
 * What to enter instead of an address that is refused for its domain alone: the domain has letters outside
 * ASCII (RFC 5891), which have a form in ASCII (`xn--`) that no other letters look like.
 *
 * @returns the address in normal form, its domain in ASCII; undefined of any other text.
 */
export function asciiForm(text: string): string | undefined {
  if (text.length > maxLength * 2 || normalizeEmail(text) !== undefined) return undefined;
  const address = text.normalize('NFKC').trim();
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at < 0 || !/^[a-z0-9.\-\u{80}-\u{10ffff}]+$/iu.test(domain)) return undefined;
  return normalizeEmail(`${address.slice(0, at)}@${domainToASCII(domain)}`);
}

/** @returns what is wrong with what is no address of ours, in ASCII and without it; completes "The field ...". */
export function addressFault(text: string): string {
  return asciiForm(text) === undefined
    ? 'must be an e-mail address'
    : 'must be an e-mail address with its domain in ASCII (xn--...): other letters may look alike';
}
