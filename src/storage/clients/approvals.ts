/**
 * The `application_approvals` table: the applications of others that an organization has approved, with
 * the ceilings of each.
 *
 * @module
 */

import { formatScope, parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import type { Approval } from '../../decisions/policy.ts';
import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import { wholeCatalogue, writtenBound } from './registrations.ts';

interface ApprovalRow {
  organization_id: string;
  scope: string | null;
  production: boolean;
  max_grant_seconds: number | null;
}

const select = statement(`
  select organization_id, scope, production, max_grant_seconds
    from application_approvals where client_id = $1 and organization_id = any($2::uuid[])`);

/** @returns the present approvals of one application, by organization. */
export async function approvalsOf(
  db: Db,
  clientId: string,
  organizationIds: readonly string[],
): Promise<Map<string, Approval>> {
  const rows = await db.query<ApprovalRow>(select, [clientId, organizationIds]);
  return new Map(rows.map((row) => [row.organization_id, toApproval(row)]));
}

function toApproval({ scope, production, max_grant_seconds }: ApprovalRow): Approval {
  return {
    scopes: scope === null ? undefined : parseScopeSet(scope),
    production,
    maxGrantSeconds: max_grant_seconds ?? undefined,
  };
}

/** Which application, in which organization. */
export interface ApprovalIds {
  readonly organizationId: string;
  readonly clientId: string;
}

/** An approval as its organization sees it. */
export interface StoredApproval extends Approval {
  readonly clientId: string;
  readonly applicationName: string;
  /** Undefined where a service client approved, and where the account is gone. */
  readonly approvedBy: string | undefined;
  readonly approvedAt: Date;
}

interface ListedApprovalRow {
  client_id: string;
  name: string;
  scope: string | null;
  production: boolean;
  max_grant_seconds: number | null;
  approved_by: string | null;
  approved_at: Date;
}

const selectListed = `
  select p.client_id, c.name, p.scope, p.production, p.max_grant_seconds, p.approved_by,
         p.approved_at
    from application_approvals p join clients c on c.id = p.client_id
   where p.organization_id = $1`;
const one = statement(`${selectListed} and p.client_id = $2`);
const list = statement(`${selectListed} and p.client_id > $2 order by p.client_id limit $3`);

/** @returns the approval; undefined when the organization has not approved the application. */
export async function findApproval(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<StoredApproval | undefined> {
  const [row] = await db.query<ListedApprovalRow>(one, [organizationId, clientId]);
  return row && toListedApproval(row);
}

/** @returns the approvals of an organization, by client id. */
export async function listApprovals(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<StoredApproval>[]> {
  const rows = await db.query<ListedApprovalRow>(list, [organizationId, after?.[0] ?? '', limit]);
  return rows.map((row) => ({ position: [row.client_id], item: toListedApproval(row) }));
}

// An application that only asks: neither a resource server nor a service client.
const exists = statement(`
  select from clients
   where id = $1 and resource_server is null and 'authorization_code' = any (grant_types)`);

/** Whether there is such an application, one that people can let in. */
export async function isApplication(db: Db, clientId: string): Promise<boolean> {
  return (await db.query(exists, [clientId])).length === 1;
}

const registered = statement(`
  select case when scope = '' and is_dynamic then ${writtenBound('clients')} else scope end as scope
    from clients where id = $1`);

/**
 * @returns the scopes that an application is registered for now; of one that registered itself for
 *   none, what it may ask for. Undefined: the whole catalogue.
 */
export async function registeredScopes(db: Db, clientId: string): Promise<ScopeSet | undefined> {
  const [row] = await db.query<{ scope: string }>(registered, [clientId]);
  return row?.scope === wholeCatalogue ? undefined : parseScopeSet(row?.scope ?? '');
}

const put = statement(`
  insert into application_approvals
    (organization_id, client_id, scope, production, max_grant_seconds, approved_by)
  values ($1, $2, $3, $4, $5, $6)
      on conflict (organization_id, client_id) do update set scope = excluded.scope,
         production = excluded.production, max_grant_seconds = excluded.max_grant_seconds,
         approved_by = excluded.approved_by, approved_at = now()`);

/** Approves an application, or changes the ceilings of its approval. */
export async function putApproval(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
  { scopes, production, maxGrantSeconds }: Approval,
  approvedBy: string | undefined,
): Promise<void> {
  const scope = scopes === undefined ? null : formatScope(scopes);
  const values = [organizationId, clientId, scope, production, maxGrantSeconds ?? null];
  await tx.query(put, [...values, approvedBy ?? null]);
}

const remove = statement(`
  delete from application_approvals where organization_id = $1 and client_id = $2`);

/** Withdraws an approval. */
export async function deleteApproval(tx: Db, ids: ApprovalIds): Promise<void> {
  await tx.query(remove, [ids.organizationId, ids.clientId]);
}

function toListedApproval(row: ListedApprovalRow): StoredApproval {
  return {
    clientId: row.client_id,
    applicationName: row.name,
    scopes: row.scope === null ? undefined : parseScopeSet(row.scope),
    production: row.production,
    maxGrantSeconds: row.max_grant_seconds ?? undefined,
    approvedBy: row.approved_by ?? undefined,
    approvedAt: row.approved_at,
  };
}
