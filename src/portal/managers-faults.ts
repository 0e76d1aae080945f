/**
 * What a manager cannot change alone: to which hosts codes go, and how much is asked for. A person would
 * give it to the organization, whose administrators did not decide about it.
 *
 * @module
 */

import { leadsElsewhere } from '../applications/redirect-hosts.ts';
import { isSubset } from '../catalogue/name-set.ts';
import { parseScopeSet } from '../catalogue/scope-set.ts';
import type { Client } from '../clients/client.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';
import type { Fault } from './typed-application.ts';

const reason = 'administrator';

/** @returns a fault for each redirect URI with a new host, and one for scopes that were not asked before. */
export function managersFaults(
  before: Client,
  { redirect_uris: uris, scope = '' }: ClientMetadata,
): Fault[] {
  const moved = newHostFaults(before, uris);
  const isWider = !isSubset(parseScopeSet(scope), parseScopeSet(before.scope));
  return isWider ? [...moved, { field: 'scopes', reason }] : moved;
}

/** @param uris that are well formed. @returns a fault for each with a new host. */
export function newHostFaults(before: Client, uris: readonly string[]): Fault[] {
  return uris.flatMap((uri, line): Fault[] =>
    leadsElsewhere(before.redirectUris, [uri]) ? [{ field: 'redirectUris', line, reason }] : [],
  );
}
