/**
 * The `client_managers` table: members who look after one application of their organization. A row ends
 * with the member's; whether a member is suspended is for the caller to look at.
 *
 * Source: migrations/20261129091500-application-managers.ts.
 *
 * @module
 */

import { type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';

/** The ids of one manager of one application. */
export interface ManagerIds {
  readonly organizationId: string;
  readonly clientId: string;
  readonly accountId: string;
}

/** A manager, as the list shows them. */
export interface Manager {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  /** Of the organization: they can do nothing until reinstated. */
  readonly suspended: boolean;
}

const find = statement(`
  select from client_managers where organization_id = $1 and client_id = $2 and account_id = $3`);
const findAny = statement(`
  select from client_managers where organization_id = $1 and account_id = $2 limit 1`);
const insert = statement(`
  insert into client_managers (organization_id, client_id, account_id) values ($1, $2, $3)
  on conflict do nothing`);
const remove = statement(`
  delete from client_managers where organization_id = $1 and client_id = $2 and account_id = $3
  returning client_id`);
const list = statement(`
  select g.account_id as "accountId", a.email, a.name, m.suspended_at is not null as suspended
    from client_managers g
    join organization_members m using (organization_id, account_id)
    join accounts a on a.id = g.account_id
   where g.client_id = $1 order by g.created_at, g.account_id`);

/** Whether the organization named the account as manager of this application of its own. */
export async function isManager(db: Db, at: ManagerIds): Promise<boolean> {
  return (await db.query(find, [at.organizationId, at.clientId, at.accountId])).length === 1;
}

/** Whether the account is manager of some application of the organization. */
export async function managesAny(
  db: Db,
  at: Pick<ManagerIds, 'organizationId' | 'accountId'>,
): Promise<boolean> {
  return (await db.query(findAny, [at.organizationId, at.accountId])).length === 1;
}

/**
 * Names a manager; one who is, stays.
 *
 * @throws {pg.DatabaseError} the application is not the organization's, or the account no member.
 */
export async function addManager(tx: Db, at: ManagerIds): Promise<void> {
  await tx.query(insert, [at.organizationId, at.clientId, at.accountId]);
}

/** @returns whether the account was one. */
export async function removeManager(tx: Db, at: ManagerIds): Promise<boolean> {
  return (await tx.query(remove, [at.organizationId, at.clientId, at.accountId])).length === 1;
}

/** @returns the managers, the first named first. */
export function listManagers(db: Db, clientId: string): Promise<Manager[]> {
  return db.query<Manager>(list, [clientId]);
}

/** An organization in which the account may look after applications. */
export interface ManagedOrganization {
  readonly slug: string;
  readonly name: string;
  readonly role: OrganizationRole;
  /** Whether they are manager of some application there. */
  readonly isManager: boolean;
}

const selectManaged = statement(`
  select o.slug, o.name, m.role, exists (
           select from client_managers g
            where g.organization_id = m.organization_id and g.account_id = m.account_id) as "isManager"
    from organization_members m join organizations o on o.id = m.organization_id
   where m.account_id = $1 and m.suspended_at is null order by lower(o.name), o.slug`);

/** @returns the organizations of which the account is a member who is not suspended, by name. */
export async function managedOrganizations(
  db: Db,
  accountId: string,
): Promise<ManagedOrganization[]> {
  const rows = await db.query<ManagedOrganization & { role: string }>(selectManaged, [accountId]);
  return rows.map((row) => ({ ...row, role: organizationRoleToday(row.role) }));
}
