/**
 * Reading the `audit_events` table, newest first.
 *
 * The `audit_events` table: who did what, to what, before and after, from where. Rows are only ever
 * added, in the transaction of the change that they record.
 *
 * Whether the parts of a path belong together, and whether somebody belongs there: asked before an
 * attempt that was refused is written into the audit trail of an organization.
 *
 * @module
 */

import { composedStatement, type Db, statement } from '../engine/database.ts';

/** Which events are wanted; what is undefined does not matter. */
export interface AuditFilters {
  readonly actorAccountId?: string | undefined;
  readonly action?: string | undefined;
  /** The beginnings of actions, up to their point. */
  readonly families?: readonly string[] | undefined;
  /** The application through which, or about which, it was done. */
  readonly clientId?: string | undefined;
  /** A printed id. */
  readonly subject?: string | undefined;
  /** From this moment on. */
  readonly since?: Date | undefined;
  /** Before this moment. */
  readonly until?: Date | undefined;
}

/** Which part of which log. */
export interface AuditQuery extends AuditFilters {
  /** Undefined: of any organization and of none, as a person's own events are. */
  readonly organizationId?: string | undefined;
  /** Only events older than the one with this id. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** One event as it is stored. */
export interface StoredAuditEvent {
  /** A whole number as text: it may be greater than a JavaScript number holds exactly. */
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly outcome: 'done' | 'refused';
  readonly actorAccountId: string | undefined;
  /** Their address now; undefined of a deleted account. */
  readonly actorEmail: string | undefined;
  readonly actorClientId: string | undefined;
  readonly organizationId: string | undefined;
  readonly subject: string | undefined;
  readonly before: unknown;
  readonly after: unknown;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

interface AuditRow {
  id: string;
  at: Date;
  action: string;
  outcome: 'done' | 'refused';
  actor_account_id: string | null;
  actor_email: string | null;
  actor_client_id: string | null;
  organization_id: string | null;
  subject: string | null;
  before: unknown;
  after: unknown;
  address: string | null;
  user_agent: string | null;
}

/** @returns the newest events that fit. */
export async function selectAuditEvents(db: Db, query: AuditQuery): Promise<StoredAuditEvent[]> {
  const wanted = conditionsOf(query).filter(([, value]) => value !== undefined);
  const where = wanted
    .map(([condition], index) => condition.replace('?', `$${index + 1}`))
    .join(' and ');
  const select = composedStatement(`
    select id, at, action, outcome, actor_account_id, actor_client_id, organization_id, subject,
           before, after, address, user_agent,
           (select email from accounts a
             where a.id = actor_account_id and a.status <> 'deleted') as actor_email
      from audit_events where ${where} order by id desc limit $${wanted.length + 1}`);
  const values = [...wanted.map(([, value]) => value), query.limit];
  return (await db.query<AuditRow>(select, values)).map(toEvent);
}

function conditionsOf(query: AuditQuery): [condition: string, value: unknown][] {
  return [
    ['organization_id = ?', query.organizationId],
    ['actor_account_id = ?', query.actorAccountId],
    ['action = ?', query.action],
    ["split_part(action, '.', 1) = any(?::text[])", query.families],
    ['actor_client_id = ?', query.clientId],
    ['subject = ?', query.subject],
    ['at >= ?', query.since],
    ['at < ?', query.until],
    ['id < ?', query.beforeId],
  ];
}

const blank = statement('select usher_blank_audit_events($1, $2)');

/**
 * Takes the personal data of an account and its address out of every event; the events stay.
 *
 * @throws {pg.DatabaseError} the account, or one with that address, is not deleted.
 */
export async function blankAuditEvents(tx: Db, accountId: string, email: string): Promise<void> {
  await tx.query(blank, [accountId, email]);
}

const sweep = statement('select usher_sweep_audit_events($1, $2) as swept');

/**
 * Deletes events that are older than so many days, 30 or more, some at a time.
 *
 * @returns how many were deleted.
 */
export async function sweepAuditEvents(db: Db, keptDays: number, atMost: number): Promise<number> {
  const [row] = await db.query<{ swept: number }>(sweep, [keptDays, atMost]);
  return row?.swept ?? 0;
}

function toEvent(row: AuditRow): StoredAuditEvent {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    actorAccountId: row.actor_account_id ?? undefined,
    actorEmail: row.actor_email ?? undefined,
    actorClientId: row.actor_client_id ?? undefined,
    organizationId: row.organization_id ?? undefined,
    subject: row.subject ?? undefined,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    address: row.address ?? undefined,
    userAgent: row.user_agent ?? undefined,
  };
}

/** Where a request came from, as the audit trail keeps it. */
export interface Origin {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** One thing that happened. */
export interface AuditEvent {
  /** What was done, such as `consent.recorded`. */
  readonly action: string;
  /** `refused` is an attempt that changed nothing; `done` unless said otherwise. */
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

/** Adds an event. Called with the transaction of the change, so that both are committed or neither. */
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

/** The ids of a path; all that are there must be in the organization. */
export interface PathIds {
  readonly organizationId: string;
  readonly databaseId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly teamId?: string | undefined;
  /** A member. */
  readonly accountId?: string | undefined;
  readonly invitationId?: string | undefined;
  /** An application, which belongs to no organization: it has to exist. */
  readonly clientId?: string | undefined;
  /** An application that the organization owns. */
  readonly ownedClientId?: string | undefined;
  /** A secret of that application. */
  readonly ownedSecretId?: string | undefined;
  /** A resource server that the organization owns. */
  readonly resourceServerId?: string | undefined;
  /** A secret of that resource server. */
  readonly secretId?: string | undefined;
}

const wholePath = statement(`
  select from organizations o
   where o.id = $1
     and ($2::uuid is null or exists (
       select from databases where id = $2 and organization_id = o.id))
     and ($3::uuid is null or exists (
       select from branches where id = $3 and organization_id = o.id
         and ($2::uuid is null or database_id = $2)))
     and ($4::uuid is null or exists (
       select from teams where id = $4 and organization_id = o.id))
     and ($5::uuid is null or exists (
       select from organization_members where account_id = $5 and organization_id = o.id))
     and ($6::uuid is null or exists (
       select from invitations where id = $6 and organization_id = o.id))
     and ($7::text is null or exists (select from clients where id = $7))
     and ($8::text is null or exists (
       select from clients where id = $8 and owner_organization_id = o.id))
     and ($9::uuid is null or exists (
       select from client_secrets where id = $9 and client_id = $8))`);

/** @returns whether all of it exists and is in that organization. */
export async function isWholePath(db: Db, at: PathIds): Promise<boolean> {
  const { organizationId, databaseId, branchId, teamId, accountId, invitationId } = at;
  const { clientId, ownedClientId, ownedSecretId, resourceServerId, secretId } = at;
  const ids = [databaseId, branchId, teamId, accountId, invitationId, clientId].concat([
    ownedClientId ?? resourceServerId,
    ownedSecretId ?? secretId,
  ]);
  const values = [organizationId, ...ids.map((id) => id ?? null)];
  return (await db.query(wholePath, values)).length === 1;
}
