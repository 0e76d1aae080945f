/**
 * Operators change which scopes a resource server accepts, and which are asked for by default.
 *
 * It counts from the next question on for tokens that are out, too: they do less at once, and never more
 * than they were issued with.
 *
 * Source: RFC 8707 section 2.2, RFC 6749 section 3.3.
 *
 * @module
 */

import { formatScope } from '../catalogue/scope-set.ts';
import { type AcceptedScopes, isFault, readAcceptedScopes } from '../clients/accepted-scopes.ts';
import { findScopeFault } from '../clients/address-patterns.ts';
import { holdClient } from '../storage/clients/clients.ts';
import { findAcceptedScopes, saveAcceptedScopes } from '../storage/clients/resource-servers.ts';
import type { Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';
import { printAcceptedScopes } from './resource-servers.ts';

/** What is to change; undefined leaves the scopes that are accepted, and takes all of them for default. */
export interface AcceptedScopesWish {
  readonly clientId: string;
  /** Space-delimited; '' accepts every scope. */
  readonly scope: string | undefined;
  /** A part of them. */
  readonly defaultScope: string | undefined;
}

export type AcceptedScopesOutcome =
  | { readonly outcome: 'changed'; readonly scopes: AcceptedScopes }
  | {
      readonly outcome: 'refused';
      readonly field: 'scope' | 'default_scope';
      readonly reason: string;
    }
  | { readonly outcome: 'unknown_resource_server' }
  | NotAllowed;

/** Changes them at once. */
export function changeAcceptedScopes(
  database: Database,
  actor: Actor,
  { clientId, scope, defaultScope }: AcceptedScopesWish,
): Promise<AcceptedScopesOutcome> {
  const act = { action: 'resource_server.changed', subject: clientId };
  return asOperator<AcceptedScopesOutcome>(database, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    const before = await findAcceptedScopes(tx, clientId);
    if (client === undefined || before === undefined) return { outcome: 'unknown_resource_server' };
    const kept = before.accepted === undefined ? '' : formatScope(before.accepted);
    const scopes = readAcceptedScopes(scope ?? kept, defaultScope);
    if (isFault(scopes)) return { outcome: 'refused', ...scopes };
    const misplaced = client.audience && findScopeFault(client.audience, scopes);
    if (misplaced) return { outcome: 'refused', ...misplaced };
    await saveAcceptedScopes(tx, clientId, scopes);
    const organizationId = client.ownerOrganizationId;
    const [was, is] = [printAcceptedScopes(before), printAcceptedScopes(scopes)];
    await record({ organizationId, before: was, after: is });
    return { outcome: 'changed', scopes };
  });
}
