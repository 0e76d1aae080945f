/**
 * The roles that people hold, whatever the catalogue says: found where it lacks them, and moved.
 *
 * @module
 */

import { callableRoles } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';

/** How roles are given. */
export type RoleKind = 'organization' | 'database' | 'base';

/** A role with the number of people who hold it or, invited, would. */
export interface HeldRole {
  readonly kind: RoleKind;
  readonly role: string;
  readonly people: number;
}

const select = statement(`
  select 'organization' as kind, role, count(*)::int as people from (
    select role from organization_members where role <> all ($1::text[])
    union all select role from invitations where role <> all ($1::text[]) and expires_at > now()) held
   group by role
  union all
  select 'database', role, count(distinct account_id)::int
    from database_roles where role <> all ($2::text[]) group by role
  union all
  select 'base', o.base_role, count(distinct m.account_id)::int
    from organizations o left join organization_members m on m.organization_id = o.id
   where o.base_role <> all ($3::text[]) group by o.base_role
   order by 1, 2`);

/** @returns the roles that are held though the catalogue has them neither now nor as former names. */
export function findUnknownRoles(db: Db): Promise<HeldRole[]> {
  const { organization, database, base } = callableRoles;
  return db.query<HeldRole & object>(select, [organization, database, base]);
}

const moves: Readonly<Record<RoleKind, ReturnType<typeof statement>>> = {
  organization: statement(`
    with members as (
      update organization_members set role = $2 where role = any ($1::text[])
      returning organization_id),
    invited as (
      update invitations set role = $2 where role = any ($1::text[]) returning organization_id)
    select organization_id as id, count(*)::int as people
      from (select * from members union all select * from invited) moved group by 1`),
  database: statement(`
    with moved as (
      update database_roles set role = $2 where role = any ($1::text[])
      returning organization_id, account_id)
    select organization_id as id, count(distinct account_id)::int as people from moved group by 1`),
  base: statement(`
    with moved as (
      update organizations set base_role = $2 where base_role = any ($1::text[]) returning id)
    select id, (select count(*)::int from organization_members m
                 where m.organization_id = moved.id) as people from moved`),
};

/** An organization in which people have another role now. */
export interface MovedIn {
  readonly id: string;
  readonly people: number;
}

/** Gives whoever has a role by one of these names another one. @returns where. */
export function moveRole(
  tx: Db,
  kind: RoleKind,
  from: readonly string[],
  to: string,
): Promise<MovedIn[]> {
  return tx.query<MovedIn & object>(moves[kind], [from, to]);
}
