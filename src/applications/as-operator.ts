/**
 * What only operators may do: their right is looked at in the transaction of the act itself.
 *
 * @module
 */

import { type AuditEvent, type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { isOperator } from '../storage/people/operators.ts';

/** The account that wants to act, and from where. */
export interface Actor {
  readonly accountId: string;
  readonly origin: Origin;
}

export type NotAllowed = { readonly outcome: 'not_allowed' };

/** What is done, for the audit trail: the same words for the act and for its refusal. */
export type Act = Pick<AuditEvent, 'action' | 'subject'>;

/** Adds the event of the act to the audit trail, with what the act itself knows. */
export type RecordAct = (
  event: Omit<AuditEvent, 'action' | 'actorAccountId' | 'origin'>,
) => Promise<void>;

/**
 * Does an operator's work in one transaction.
 *
 * @returns `not_allowed`, which is audited too, for an account that is no active operator's.
 */
export async function asOperator<Outcome>(
  unit: Work,
  { accountId, origin }: Actor,
  act: Act,
  work: (tx: Db, record: RecordAct) => Promise<Outcome>,
): Promise<Outcome | NotAllowed> {
  const event = { ...act, actorAccountId: accountId, origin };
  const done = await unit.run(async (tx) => {
    if (!(await isOperator(tx, accountId))) return undefined;
    return { outcome: await work(tx, (more) => recordAuditEvent(tx, { ...event, ...more })) };
  });
  if (done !== undefined) return done.outcome;
  await recordAuditEvent(unit.plain, { ...event, outcome: 'refused' });
  return { outcome: 'not_allowed' };
}
