/**
 * One transaction with its audit event: both are committed or neither.
 *
 * A refused privileged act is recorded as well, after its transaction is gone: in the trail of the
 * organization that was named, if the actor is one of its people and every id of the path is there.
 * A stranger writes into nobody's trail; their attempts are counted.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import { isWholePath, type PathIds, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { isServiceClient } from '../storage/clients/service-clients.ts';
import { brokeConstraint, type Database, type Db, type Work } from '../storage/engine/database.ts';
import { findActiveMember } from '../storage/people/members.ts';
import { type Actor, auditedActor } from './actor.ts';
import { type ConflictReason, conflict, RefusedError } from './refusals.ts';
import { countStrangerRefusal } from './stranger-refusals.ts';

/** What is done, where and to what (a printed id), as the audit trail records it. */
export interface Deed {
  readonly action: string;
  readonly organizationId?: string | undefined;
  readonly subject: string;
  /** The ids by which it was named, if there is more than the organization's. */
  readonly at?: PathIds | undefined;
}

/**
 * What came of it. Where `before` and `after` are equal nothing was changed, and nothing is recorded.
 * `subject` is what was changed, where only the work knows.
 */
export interface Change<Result> {
  readonly result: Result;
  readonly subject?: string | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** @throws {RefusedError} what `work` refused, and a slug that was taken. */
export async function audited<Result>(
  unit: Work,
  actor: Actor,
  deed: Deed,
  work: (tx: Db) => Promise<Change<Result>>,
): Promise<Result> {
  try {
    return await withoutDeadlock(() =>
      unit.run(async (tx) => {
        const { result, subject = deed.subject, before, after } = await work(tx);
        if (!isDeepStrictEqual(before, after)) {
          const { action, organizationId } = deed;
          const event = { action, organizationId, subject, before, after };
          await recordAuditEvent(tx, { ...event, ...auditedActor(actor) });
        }
        return result;
      }),
    );
  } catch (error) {
    const refused = toRefused(error);
    if (refused?.refusal.code === 'forbidden') {
      await auditRefusal(unit.plain, actor, deed, refused.refusal.reason);
    }
    throw refused ?? error;
  }
}

/**
 * Records an attempt that was stopped, or counts it where it is a stranger's.
 *
 * @param reason why, by its name.
 */
export async function auditRefusal(
  db: Database,
  actor: Actor,
  deed: Deed,
  reason: string,
): Promise<void> {
  const { action, organizationId, subject } = deed;
  const event = { action, organizationId, subject, outcome: 'refused' } as const;
  const isRecorded = await db.run(async (tx) => {
    if (!(await belongs(tx, actor, deed))) return false;
    const after = { refused: reason };
    await recordAuditEvent(tx, { ...event, ...auditedActor(actor), after });
    return true;
  });
  if (!isRecorded) countStrangerRefusal(action);
}

/** Where no organization is concerned, the trail is the actor's own. */
async function belongs(tx: Db, actor: Actor, { organizationId, at }: Deed): Promise<boolean> {
  if (organizationId === undefined) return true;
  const { accountId, via } = actor;
  const isOneOfThem =
    via.kind === 'service'
      ? await isServiceClient(tx, via.clientId)
      : accountId !== undefined && (await findActiveMember(tx, { organizationId, accountId }));
  return isOneOfThem ? isWholePath(tx, { ...at, organizationId }) : false;
}

const takenBy: Readonly<Record<string, ConflictReason>> = {
  organizations_slug_key: 'slug_taken',
  databases_organization_id_slug_key: 'slug_taken',
  branches_database_id_slug_key: 'slug_taken',
  teams_organization_id_slug_key: 'slug_taken',
  clients_audience_key: 'address_taken',
  clients_one_audience: 'address_taken',
};

function toRefused(error: unknown): RefusedError | undefined {
  if (error instanceof RefusedError) return error;
  const [, reason] = Object.entries(takenBy).find(([name]) => brokeConstraint(error, name)) ?? [];
  return reason && conflict(reason, { cause: error });
}

const deadlockDetected = '40P01';
const tries = 3;

/** Use cases lock in one order; what a foreign key takes along may still cross a consent's way. */
async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !brokeConstraint(error, deadlockDetected)) throw error;
    }
  }
}
