/**
 * Reading an address that an application gave: the checks that hold whatever the address is for.
 *
 * An address must be written exactly as a browser would write it. Then the string that is stored,
 * compared and shown means to every program what it means here: there is no second reading with
 * another host, in decimal, with a tab in it or with a path that climbs up.
 *
 * Source: RFC 3986, the WHATWG URL standard (what browsers do), RFC 9700 section 4.1.
 *
 * @module
 */

import { domainToUnicode } from 'node:url';
import { hasHiddenCharacters, usesOneWritingSystem } from './readable-text.ts';

const maxLength = 2000;

/** RFC 3986 section 2: nothing else may be in a URI. */
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;

const hostName = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Reads an absolute URI without fragment, userinfo, wildcard or anything that has two readings.
 *
 * @returns the parsed address; or what is wrong with it, in ASCII and without the address in it.
 */
export function readAddress(text: string): URL | string {
  const fault = findTextFault(text);
  if (fault !== undefined) return fault;
  const address = URL.parse(text);
  if (address === null) return 'must be an absolute URI';
  return findFault(address, text) ?? address;
}

/** RFC 8252 section 7.3 and 8.3: an address on the user's own machine, in the three usual forms. */
export function isLoopback(address: URL): boolean {
  return loopbackHosts.includes(address.hostname);
}

function findTextFault(text: string): string | undefined {
  if (text.length > maxLength) return `must have at most ${maxLength} characters`;
  if (!uriCharacters.test(text)) return 'must hold only the characters of RFC 3986';
  if (text.includes('*')) return 'must not hold a wildcard';
  if (text.includes('#')) return 'must not have a fragment';
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return 'must not hold a broken percent-encoding';
  if (/%(?:[01][0-9A-F]|7F)/i.test(text)) return 'must not hold encoded control characters';
  return undefined;
}

function findFault(address: URL, text: string): string | undefined {
  if (/^[^/?]*\/\/[^/?]*@/.test(text)) return 'must not hold a user name or password';
  if (!isNormal(address, text)) return 'must be written in its normal form';
  if (/%(?:2F|5C)/i.test(address.pathname)) return 'must not hold encoded slashes in its path';
  if (address.protocol === 'http:' || address.protocol === 'https:') return findHostFault(address);
  return undefined;
}

/** Whether what the parser makes of a text is the text itself; only the path `/` may be left out. */
export function isNormal(address: URL, text: string): boolean {
  return address.href === text || address.href === text.replace(/^(https?:\/\/[^/?]*)/, '$1/');
}

function findHostFault(address: URL): string | undefined {
  if (isLoopback(address)) return undefined;
  const host = address.hostname;
  if (host.startsWith('[') || /^[0-9.]+$/.test(host)) return 'must not name an IP address';
  if (!hostName.test(host)) return 'must name a host by letters, digits, hyphens and dots';
  if (host.endsWith('.localhost')) return 'must not name a host under localhost';
  if (host.split('.').some(isLookalike)) return 'must not hold look-alike letters';
  return undefined;
}

/** RFC 5891: an `xn--` label stands for letters outside ASCII, and is judged by those. */
function isLookalike(label: string): boolean {
  if (!label.startsWith('xn--')) return false;
  const letters = domainToUnicode(label);
  return (
    letters.startsWith('xn--') || hasHiddenCharacters(letters) || !usesOneWritingSystem(letters)
  );
}
