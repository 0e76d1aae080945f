/**
 * A `client_id` that is the address of the application's own metadata document.
 *
 * Source: draft-ietf-oauth-client-id-metadata-document-03 section 3.
 *
 * @module
 */

import { isLoopback, readAddress } from './addresses.ts';

/** Longer than any that hosts publish; it is in every token's row. */
const maxLength = 512;

/** Whether a `client_id` is meant to be such an address; all others are made by Usher. */
export function isDocumentAddress(clientId: string): boolean {
  return /^https?:\/\//i.test(clientId);
}

/**
 * Reads the address. It is compared byte by byte, so it must be written as a browser would write it.
 *
 * @param loopback whether this machine's own addresses are taken, for trying things out.
 * @returns what is wrong, in ASCII and without the address in it, where it can't be one.
 */
export function readDocumentAddress(clientId: string, loopback: boolean): URL | string {
  if (clientId.length > maxLength) return `must have at most ${maxLength} characters`;
  const address = readAddress(clientId);
  if (typeof address === 'string') return address;
  if (address.protocol !== 'https:') return 'must use https';
  if (address.pathname === '/') return 'must have a path: the document of the application';
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(clientId)) return 'must not have dot segments in its path';
  if (isLoopback(address) && !loopback) return 'must not be on loopback';
  return address;
}
