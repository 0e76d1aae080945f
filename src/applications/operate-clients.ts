/**
 * Operators list clients of one kind, and remove one.
 *
 * @module
 */

import { deleteConsentsOfClient } from '../storage/clients/client-consents.ts';
import {
  type ClientKind,
  isClientOfKind,
  type ListedClient,
  listClients,
} from '../storage/clients/client-list.ts';
import { deleteClient, holdClient } from '../storage/clients/clients.ts';
import type { Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type ListOutcome =
  | { readonly outcome: 'listed'; readonly clients: readonly ListedClient[] }
  | NotAllowed;

/** Lists the clients of a kind, newest first. */
export function listClientsOf(
  database: Database,
  actor: Actor,
  kind: ClientKind,
): Promise<ListOutcome> {
  const act = { action: `${kind}.listed`, subject: kind };
  return asOperator<ListOutcome>(database, actor, act, async (tx) => ({
    outcome: 'listed',
    clients: await listClients(tx, kind),
  }));
}

export type RemoveOutcome =
  | { readonly outcome: 'deleted'; readonly ended_consents: number }
  | {
      readonly outcome:
        | 'unknown_application'
        | 'unknown_resource_server'
        | 'unknown_service_client';
    }
  | NotAllowed;

/** Removes a client with its secrets, consents, grants and tokens, if it is of that kind. */
export function removeClient(
  database: Database,
  actor: Actor,
  { clientId, kind }: { readonly clientId: string; readonly kind: ClientKind },
): Promise<RemoveOutcome> {
  const act = { action: `${kind}.deleted`, subject: clientId };
  return asOperator<RemoveOutcome>(database, actor, act, async (tx, record) => {
    if (!(await isClientOfKind(tx, clientId, kind))) return { outcome: `unknown_${kind}` };
    const endedConsents = await deleteConsentsOfClient(tx, clientId);
    const client = await holdClient(tx, clientId);
    await deleteClient(tx, clientId);
    const before = { name: client?.name, ended_consents: endedConsents };
    await record({ organizationId: client?.ownerOrganizationId, before });
    return { outcome: 'deleted', ended_consents: endedConsents };
  });
}
