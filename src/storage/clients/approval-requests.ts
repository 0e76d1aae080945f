/**
 * The `approval_requests` table: which applications the members of an organization ask it to approve,
 * and why. What was declined stays for as long as it keeps the same from being asked again.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import type { ApprovalIds } from './approvals.ts';

/** What one member asks for. */
export interface ApprovalRequest {
  readonly clientId: string;
  readonly applicationName: string;
  readonly accountId: string;
  readonly memberName: string;
  readonly reason: string;
  readonly requestedAt: Date;
}

/** Whose request, about what. */
export interface ApprovalRequestIds extends ApprovalIds {
  readonly accountId: string;
}

interface RequestRow {
  client_id: string;
  application: string;
  account_id: string;
  member: string;
  reason: string;
  requested_at: Date;
}

const open = `
  select r.client_id, c.name as application, r.account_id, a.name as member, r.reason, r.requested_at
    from approval_requests r
    join clients c on c.id = r.client_id
    join accounts a on a.id = r.account_id
   where r.organization_id = $1 and r.declined_at is null`;
const about = statement(`${open} and r.client_id = $2
   order by r.requested_at, r.account_id limit $3`);
const count = statement(`
  select count(distinct client_id)::int as count from approval_requests
   where organization_id = $1 and declined_at is null`);
const list = statement(`${open}
     and (r.client_id, r.account_id) > ($2, coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
   order by r.client_id, r.account_id limit $4`);
const one = statement(`${open} and r.client_id = $2 and r.account_id = $3`);

/** @returns the requests that wait for an answer, by client id. */
export async function listApprovalRequests(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<ApprovalRequest>[]> {
  const [clientId = '', accountId] = after ?? [];
  const values = [organizationId, clientId, accountId ?? null, limit];
  const rows = await db.query<RequestRow>(list, values);
  return rows.map((row) => ({ position: [row.client_id, row.account_id], item: toRequest(row) }));
}

/** @returns the requests about one application, the oldest first, at most so many. */
export async function approvalRequestsAbout(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
  most: number,
): Promise<ApprovalRequest[]> {
  return (await db.query<RequestRow>(about, [organizationId, clientId, most])).map(toRequest);
}

/** @returns about how many applications something waits for an answer. */
export async function countRequestedApplications(db: Db, organizationId: string): Promise<number> {
  return (await db.query<{ count: number }>(count, [organizationId]))[0]?.count ?? 0;
}

/** @returns the request, while it waits for an answer. */
export async function findApprovalRequest(
  db: Db,
  { organizationId, clientId, accountId }: ApprovalRequestIds,
): Promise<ApprovalRequest | undefined> {
  const [row] = await db.query<RequestRow>(one, [organizationId, clientId, accountId]);
  return row && toRequest(row);
}

/** How long, in seconds, until the member may ask again; of each limit the longer one counts. */
const wait = statement(`
  select ceil(extract(epoch from greatest(
      (select declined_at + interval '1 day' from approval_requests
        where organization_id = $1 and client_id = $2 and account_id = $3),
      (select requested_at + interval '1 day' from approval_requests
        where organization_id = $1 and client_id <> $2 and account_id = $3
        order by requested_at desc offset $4 - 1 limit 1)) - now()))::int as seconds`);

/**
 * @param mostADay so many applications may be asked about in 24 hours.
 * @returns in how many seconds the member may ask about this application; undefined: now.
 */
export async function secondsUntilNextRequest(
  db: Db,
  { organizationId, clientId, accountId }: ApprovalRequestIds,
  mostADay: number,
): Promise<number | undefined> {
  const values = [organizationId, clientId, accountId, mostADay];
  const [row] = await db.query<{ seconds: number | null }>(wait, values);
  const seconds = row?.seconds ?? 0;
  return seconds > 0 ? seconds : undefined;
}

const put = statement(`
  insert into approval_requests (organization_id, client_id, account_id, reason)
  values ($1, $2, $3, $4)
      on conflict (organization_id, client_id, account_id) do update
         set reason = excluded.reason, requested_at = now(), declined_at = null,
             declined_reason = null`);

/** Keeps a request; it replaces the member's earlier one about the same application. */
export async function putApprovalRequest(
  tx: Db,
  { organizationId, clientId, accountId }: ApprovalRequestIds,
  reason: string,
): Promise<void> {
  await tx.query(put, [organizationId, clientId, accountId, reason]);
}

const decline = statement(`
  update approval_requests set declined_at = now(), declined_reason = $3
   where organization_id = $1 and client_id = $2 and declined_at is null
  returning account_id`);

/**
 * Declines what is asked about an application.
 *
 * @param reason for those who asked; undefined: none is given.
 * @returns whose requests they were.
 */
export async function declineRequests(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
  reason: string | undefined,
): Promise<string[]> {
  const values = [organizationId, clientId, reason ?? null];
  const rows = await tx.query<{ account_id: string }>(decline, values);
  return rows.map(({ account_id }) => account_id).toSorted();
}

const declined = statement(`
  select declined_reason as reason from approval_requests
   where organization_id = $1 and client_id = $2 and account_id = $3 and declined_at is not null`);

/** @returns why the member's request was declined; undefined where it was not, or no reason was given. */
export async function findDeclinedReason(
  db: Db,
  { organizationId, clientId, accountId }: ApprovalRequestIds,
): Promise<string | undefined> {
  const values = [organizationId, clientId, accountId];
  return (await db.query<{ reason: string | null }>(declined, values))[0]?.reason ?? undefined;
}

const remove = statement(
  'delete from approval_requests where organization_id = $1 and client_id = $2',
);

/** Removes what was asked about an application: it is answered. */
export async function removeRequests(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<void> {
  await tx.query(remove, [organizationId, clientId]);
}

function toRequest(row: RequestRow): ApprovalRequest {
  return {
    clientId: row.client_id,
    applicationName: row.application,
    accountId: row.account_id,
    memberName: row.member,
    reason: row.reason,
    requestedAt: row.requested_at,
  };
}
