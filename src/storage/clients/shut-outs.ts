/**
 * The `application_shut_outs` table: which applications an organization keeps out, its own among them,
 * and how much each lost by it. `organizations.shuts_out` says whether there are any.
 *
 * Between a shut-out and a consent nothing slips through: a consent holds its application while it is
 * recorded, and whoever shuts it out, or lets it in again, waits for that and is waited for.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import type { ApprovalIds } from './approvals.ts';

/** An application that an organization keeps out. */
export interface ShutOut {
  readonly clientId: string;
  readonly applicationName: string;
  /** Undefined where a service client did it, and where the account is gone. */
  readonly shutOutBy: string | undefined;
  readonly shutOutAt: Date;
  /** What ended with it in the organization: of how many people, how many entries. */
  readonly endedMembers: number;
  readonly endedEntries: number;
}

interface ShutOutRow {
  client_id: string;
  name: string;
  shut_out_by: string | null;
  shut_out_at: Date;
  ended_members: number;
  ended_entries: number;
}

const of = statement(`
  select organization_id from application_shut_outs
   where client_id = $1 and organization_id = any($2::uuid[])`);

/** @returns those of the organizations that keep the application out. */
export async function shutOutsOf(
  db: Db,
  clientId: string,
  organizationIds: readonly string[],
): Promise<Set<string>> {
  const values = [clientId, organizationIds];
  const rows = await db.query<{ organization_id: string }>(of, values);
  return new Set(rows.map(({ organization_id }) => organization_id));
}

const selectListed = `
  select s.client_id, c.name, s.shut_out_by, s.shut_out_at, s.ended_members, s.ended_entries
    from application_shut_outs s join clients c on c.id = s.client_id
   where s.organization_id = $1`;
const one = statement(`${selectListed} and s.client_id = $2`);
const list = statement(`${selectListed} and s.client_id > $2 order by s.client_id limit $3`);

/** @returns the shut-out; undefined where the application is not kept out. */
export async function findShutOut(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<ShutOut | undefined> {
  const [row] = await db.query<ShutOutRow>(one, [organizationId, clientId]);
  return row && toShutOut(row);
}

/** @returns what an organization keeps out, by client id. */
export async function listShutOuts(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<ShutOut>[]> {
  const rows = await db.query<ShutOutRow>(list, [organizationId, after?.[0] ?? '', limit]);
  return rows.map((row) => ({ position: [row.client_id], item: toShutOut(row) }));
}

const share = statement('select from clients where id = $1 for share');

/** Lets nobody shut the application out, or let it in again, until the transaction ends. */
export async function holdForConsent(tx: Db, clientId: string): Promise<void> {
  await tx.query(share, [clientId]);
}

const hold = statement('select from clients where id = $1 for no key update');

/** Waits for the consents to the application that are being recorded, and keeps others waiting. */
export async function holdAgainstConsents(tx: Db, clientId: string): Promise<void> {
  await tx.query(hold, [clientId]);
}

/** What ended. */
export interface Ended {
  /** By account, in the order of their ids. */
  readonly members: readonly string[];
  readonly entries: number;
}

const end = statement(`
  with ended as (
    delete from consent_entries e using consents n
     where n.id = e.consent_id and n.client_id = $2 and e.organization_id = $1
    returning e.account_id)
  select account_id, count(*)::int as entries from ended group by account_id order by account_id`);

/** Deletes the entries of the application's consents in the organization; a consent's others stay. */
export async function endEntries(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<Ended> {
  const rows = await tx.query<{ account_id: string; entries: number }>(end, [
    organizationId,
    clientId,
  ]);
  return {
    members: rows.map(({ account_id }) => account_id),
    entries: rows.reduce((sum, { entries }) => sum + entries, 0),
  };
}

const put = statement(`
  insert into application_shut_outs
    (organization_id, client_id, shut_out_by, ended_members, ended_entries)
  values ($1, $2, $3, $4, $5)
      on conflict (organization_id, client_id) do update set
         ended_members = application_shut_outs.ended_members + excluded.ended_members,
         ended_entries = application_shut_outs.ended_entries + excluded.ended_entries`);
const mark = statement(`
  update organizations o
     set shuts_out = exists (select from application_shut_outs s where s.organization_id = o.id)
   where id = $1`);

/** Keeps an application out, and what ended with it; a second time only adds what ended since. */
export async function putShutOut(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
  shutOutBy: string | undefined,
  { members, entries }: Ended,
): Promise<void> {
  await tx.query(put, [organizationId, clientId, shutOutBy ?? null, members.length, entries]);
  await tx.query(mark, [organizationId]);
}

const remove = statement(`
  delete from application_shut_outs where organization_id = $1 and client_id = $2`);

/** Lets an application in again. */
export async function deleteShutOut(tx: Db, ids: ApprovalIds): Promise<void> {
  await tx.query(remove, [ids.organizationId, ids.clientId]);
  await tx.query(mark, [ids.organizationId]);
}

function toShutOut(row: ShutOutRow): ShutOut {
  return {
    clientId: row.client_id,
    applicationName: row.name,
    shutOutBy: row.shut_out_by ?? undefined,
    shutOutAt: row.shut_out_at,
    endedMembers: row.ended_members,
    endedEntries: row.ended_entries,
  };
}
