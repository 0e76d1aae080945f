/**
 * Operators suspend applications, and let them go on.
 *
 * A suspended application gets no token and its tokens are inactive from the next question on,
 * since every answer reads the status. Nothing is deleted, so reinstating brings all of it back.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { holdClient, setClientStatus } from '../storage/clients/clients.ts';
import type { Work } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type StatusOutcome =
  | { readonly outcome: 'changed' | 'unchanged' | 'unknown_client' }
  | NotAllowed;

/** Suspends an application or a resource server. @param reason for the audit trail. */
export function suspendApplication(work: Work, actor: Actor, clientId: string, reason?: string) {
  return changeStatus(work, actor, { clientId, status: 'suspended', reason });
}

/** Takes a suspension back. @param reason for the audit trail. */
export function reinstateApplication(work: Work, actor: Actor, clientId: string, reason?: string) {
  return changeStatus(work, actor, { clientId, status: 'active', reason });
}

const actions = { suspended: 'application.suspended', active: 'application.reinstated' } as const;

function changeStatus(
  work: Work,
  actor: Actor,
  {
    clientId,
    status,
    reason,
  }: { clientId: string; status: Client['status']; reason: string | undefined },
): Promise<StatusOutcome> {
  const act = { action: actions[status], subject: clientId };
  return asOperator<StatusOutcome>(work, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    if (client === undefined) return { outcome: 'unknown_client' };
    if (client.status === status) return { outcome: 'unchanged' };
    await setClientStatus(tx, clientId, status);
    await record({
      actorClientId: clientId,
      organizationId: client.ownerOrganizationId,
      before: { status: client.status },
      after: { status, ...(reason !== undefined && { reason }) },
    });
    return { outcome: 'changed' };
  });
}
