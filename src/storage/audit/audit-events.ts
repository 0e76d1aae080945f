/**
 * The `audit_events` table: who did what, to what, before and after, from where. Rows are only ever
 * added, in the transaction of the change that they tell of.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Where a request came from, as the audit trail keeps it. */
export interface Origin {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** One thing that happened. */
export interface AuditEvent {
  /** What was done, such as `consent.recorded`. */
  readonly action: string;
  /** `refused` tells of an attempt that changed nothing; `done` unless said otherwise. */
  readonly outcome?: 'done' | 'refused';
  readonly actorAccountId?: string | undefined;
  /** The application through which, or about which, it was done. */
  readonly actorClientId?: string | undefined;
  /** The organization whose administrators may read of it. */
  readonly organizationId?: string | undefined;
  /** What it was done to: a printed id, or a client's. */
  readonly subject?: string | undefined;
  /** How it was and how it is now, as JSON; never a secret. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly origin?: Origin | undefined;
}

const insert = statement(`
  insert into audit_events (action, outcome, actor_account_id, actor_client_id, organization_id,
                            subject, before, after, address, user_agent)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, left($10, 500))`);

/** Adds an event. Called with the transaction of the change, so that both stand or neither. */
export async function recordAuditEvent(db: Db, event: AuditEvent): Promise<void> {
  await db.query(insert, [
    event.action,
    event.outcome ?? 'done',
    event.actorAccountId ?? null,
    event.actorClientId ?? null,
    event.organizationId ?? null,
    event.subject ?? null,
    toJson(event.before),
    toJson(event.after),
    event.origin?.address ?? null,
    event.origin?.userAgent ?? null,
  ]);
}

function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
