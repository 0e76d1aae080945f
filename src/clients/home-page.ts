/**
 * The host of an application's home page, which its developer can prove to be theirs.
 *
 * @module
 */

import { isLoopback } from './addresses.ts';

/** @returns undefined without a home page, and of one that is on the reader's own machine. */
export function homeHostOf(clientUri: string | undefined): string | undefined {
  const address = clientUri === undefined ? null : URL.parse(clientUri);
  return address === null || isLoopback(address) ? undefined : address.hostname;
}
