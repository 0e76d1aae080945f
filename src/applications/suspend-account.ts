/**
 * Operators suspend accounts, and let them go on.
 *
 * Sessions of a suspended account end. Its tokens are dead from the next question on, since every
 * answer reads the status; they are not deleted, so reinstating brings them back, while a browser has
 * to sign in again. That the person is the
 * last administrator of an organization protects nobody from an operator.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import type { Work } from '../storage/engine/database.ts';
import { changeAccountStatus } from '../storage/people/accounts.ts';
import { deleteOtherSessions } from '../storage/people/sessions.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type AccountStatusOutcome = { readonly outcome: 'changed' | 'unchanged' } | NotAllowed;

/** Suspends an account. @param reason for the audit trail. */
export function suspendAccount(work: Work, actor: Actor, accountId: string, reason?: string) {
  return change(work, actor, { accountId, reason }, { from: 'active', to: 'suspended' });
}

/** Takes a suspension back. @param reason for the audit trail. */
export function reinstateAccount(work: Work, actor: Actor, accountId: string, reason?: string) {
  return change(work, actor, { accountId, reason }, { from: 'suspended', to: 'active' });
}

const actions = { suspended: 'account.suspended', active: 'account.reinstated' } as const;

function change(
  work: Work,
  actor: Actor,
  { accountId, reason }: { readonly accountId: string; readonly reason: string | undefined },
  status: Parameters<typeof changeAccountStatus>[2],
): Promise<AccountStatusOutcome> {
  const act = { action: actions[status.to], subject: printId('user', accountId) };
  return asOperator<AccountStatusOutcome>(work, actor, act, async (tx, record) => {
    if (!(await changeAccountStatus(tx, accountId, status))) return { outcome: 'unchanged' };
    if (status.to === 'suspended') await deleteOtherSessions(tx, accountId, undefined);
    const after = { status: status.to, ...(reason !== undefined && { reason }) };
    await record({ before: { status: status.from }, after });
    return { outcome: 'changed' };
  });
}
