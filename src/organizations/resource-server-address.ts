/**
 * Which addresses an organization may register its resource server under. Nobody vouches for it, so the
 * address must not pass for anybody else's: not for Usher's own, and not beside another's.
 *
 * Source: RFC 8707 sections 2 and 3 (who receives a token for an address), RFC 9728 section 1.2.
 *
 * @module
 */

import { readResourceAddress } from '../clients/address-patterns.ts';
import { isLoopback } from '../clients/addresses.ts';
import { isOthersOrigin } from '../storage/clients/organization-resource-servers.ts';
import { findAmbiguous } from '../storage/clients/resource-servers.ts';
import type { Db } from '../storage/engine/database.ts';
import { conflict, invalid } from './refusals.ts';

/**
 * @param issuer without a slash at the end; where that is http, as in development, http on the user's own
 *   machine is allowed.
 * @throws {RefusedError} `invalid`: it is no address of a resource server.
 */
export function checkAddress(text: string, issuer: string): void {
  const address = readResourceAddress(text, true);
  const fault = typeof address === 'string' ? address : faultOf(address, issuer);
  if (fault !== undefined) throw invalid({ field: 'audience', message: fault });
}

function faultOf(address: URL, issuer: string): string | undefined {
  const isLocal = address.protocol === 'http:' && isLoopback(address);
  if (address.protocol !== 'https:' && !(isLocal && issuer.startsWith('http:'))) {
    return 'must be an https address';
  }
  if (address.search !== '') return 'must not have a query';
  if (address.origin === issuer) return 'must not be at this server';
  return undefined;
}

/**
 * Inside the transaction that registers the address.
 *
 * @throws {RefusedError} `conflict` address_taken: somebody else has a resource server at that origin;
 *   `invalid`: the organization has one that fits the same addresses.
 */
export async function requireOwnOrigin(
  tx: Db,
  text: string,
  organizationId: string,
): Promise<void> {
  const { origin } = new URL(text);
  if (await isOthersOrigin(tx, origin, organizationId)) throw conflict('address_taken');
  const other = await findAmbiguous(tx, text);
  if (other === undefined) return;
  throw invalid({ field: 'audience', message: `must not fit the same addresses as ${other}` });
}
