/**
 * What is in the tree of organizations, databases and branches, and what the user behind a
 * token and its application are there: the SQL that reads it, and the rows it gives.
 *
 * The fragments belong into a statement where `live` is the row of a token (token-facts.ts).
 * `offset 0` keeps the planner from joining what is to be looked up: whatever its statistics say,
 * each step is a few looks into an index, and nothing is read that the question is not about.
 *
 * @module
 */

import type { ApplicationPolicy } from '../../decisions/policy.ts';
import type { BaseRole, DatabaseRole, OrganizationRole } from '../../members/roles.ts';
import {
  duration,
  flag,
  id,
  nullable,
  type RowOf,
  rowFormApart,
  rows,
  text,
  whole,
  writtenRow,
} from '../engine/columns.ts';

/** The roles of the user on databases; of a branch they are those on its database. */
const roleColumns = (of: string) => ({
  direct: nullable(text<DatabaseRole>(`${of}.direct`)),
  team: flag(`${of}.team`),
});

/** Databases on which the user has the same roles, and the kinds of branch; null where there are none. */
export const accessColumns = (of: string) => ({
  ...roleColumns(of),
  has_production: nullable(flag(`${of}.has_production`)),
  has_development: nullable(flag(`${of}.has_development`)),
});

/** What is selected of `branchFacts`. */
export const branchColumns = (of: string) => ({
  /** Behind that of the organization; empty for the organization itself. */
  path: text(`${of}.path`),
  production: flag(`${of}.production`),
  ...roleColumns(of),
});

/** What is selected of `databaseFacts`; the kinds of branch are read for a database, not for a branch. */
export const databaseColumns = (of: string) => ({
  database_id: nullable(id(`${of}.database_id`)),
  branch_id: nullable(id(`${of}.branch_id`)),
  ...branchColumns(of),
  ...accessColumns(of),
});

/** What an organization has set for applications, what this one is to it, and how old the grant is. */
const policyColumns = {
  policy: text<ApplicationPolicy>('o.application_policy'),
  guards_production: flag('o.guards_production'),
  owned: nullable(flag('o.id = live.owner_organization_id')),
  verified: nullable(flag('live.is_verified')),
  shut_out: flag(`o.shuts_out and exists (select from application_shut_outs s
      where s.organization_id = o.id and s.client_id = live.client_id offset 0)`),
  approved: flag('a.client_id is not null'),
  scope: nullable(text('a.scope')),
  production: nullable(flag('a.production')),
  max_grant_seconds: nullable(whole('a.max_grant_seconds')),
  grant_age_seconds: nullable(duration('now() - live.granted_at')),
};

const policyForm = rowFormApart(policyColumns);

const policy = `(select ${policyForm.sql} from (select 1) as one
    left join application_approvals a on a.organization_id = o.id and a.client_id = live.client_id)`;

/** What is selected of `organizationFacts`. */
export const organizationColumns = (of: string) => ({
  organization_id: nullable(id(`${of}.organization_id`)),
  organization_slug: text(`${of}.organization_slug`),
  /** Null for a stranger, for a suspended member, and for all while the organization is suspended. */
  organization_role: nullable(text<OrganizationRole>(`${of}.organization_role`)),
  base_role: text<BaseRole>(`${of}.base_role`),
  /** Null where the organization limits no application. */
  policy: writtenRow(`${of}.policy`, policyForm),
});

export type AccessRow = RowOf<ReturnType<typeof accessColumns>>;
export type BranchRow = RowOf<ReturnType<typeof branchColumns>>;
export type DatabaseRow = RowOf<ReturnType<typeof databaseColumns>>;
export type OrganizationRow = RowOf<ReturnType<typeof organizationColumns>>;

/** One row for the branch or the database that `named` (an alias) has the id of, or for neither. */
export function databaseFacts(named: string): string {
  return `
    select ${treeColumns},
      case when b.id is null then ${hasProduction('database_id', 'd.id')} end as has_production,
      case when b.id is null then ${hasDevelopment('database_id', 'd.id')} end as has_development
    from (select ${named}.database_id, ${named}.branch_id) n
    left join branches b on b.id = n.branch_id
    left join databases d on d.id = coalesce(b.database_id, n.database_id)
    ${directRole}
    offset 0`;
}

/** As `databaseFacts`, for the branch of that id: most questions are about one. */
export function branchFacts(id: string): string {
  return `
    select ${treeColumns}
    from branches b join databases d on d.id = b.database_id
    ${directRole}
    where b.id = ${id}
    offset 0`;
}

const treeColumns = `d.organization_id as in_organization,
      d.id as database_id, b.id as branch_id,
      coalesce('/databases/' || d.slug || coalesce('/branches/' || b.slug, ''), '') as path,
      b.production, r.role as direct,
      exists (select from team_members tm
        where tm.account_id = live.account_id and tm.organization_id = d.organization_id
          and exists (select from team_databases td
            where td.team_id = tm.team_id and td.database_id = d.id offset 0)) as team`;

const directRole =
  'left join database_roles r on r.database_id = d.id and r.account_id = live.account_id';

/** One row for the organization of that id, or none. */
export function organizationFacts(id: string): string {
  return `
    select o.id as organization_id, o.slug as organization_slug,
      m.role as organization_role, o.base_role, o.max_entry_days,
      case when o.application_policy <> 'open' or o.guards_production or o.shuts_out
        then ${policy} end as policy
    from organizations o
    left join organization_members m on m.organization_id = o.id
      and m.account_id = live.account_id and m.suspended_at is null and o.suspended_at is null
    where o.id = ${id}
    offset 0`;
}

/**
 * The databases of an organization: a row for each role that the user was given on some, and one
 * without a role, which is for all of them.
 */
export function organizationDatabases(id: string) {
  const roles = `database_roles r
      where r.account_id = live.account_id and r.organization_id = ${id}`;
  const teams = `team_members tm join team_databases td on td.team_id = tm.team_id
      where tm.account_id = live.account_id and tm.organization_id = ${id}`;
  const ofRole = `${roles} and r.role = given.role`;
  return rows(
    accessColumns('reached'),
    `from (
      select null as direct, false as team,
        ${hasProduction('organization_id', id)} as has_production,
        ${hasDevelopment('organization_id', id)} as has_development
      where (select true from databases d where d.organization_id = ${id} order by d.slug limit 1)
      union all
      select given.role, false,
        exists (select from ${ofRole} and ${hasProduction('database_id', 'r.database_id')}),
        exists (select from ${ofRole} and ${hasDevelopment('database_id', 'r.database_id')})
      from (select distinct r.role from ${roles}) given
      union all
      select null, true,
        exists (select from ${teams} and ${hasProduction('database_id', 'td.database_id')}),
        exists (select from ${teams} and ${hasDevelopment('database_id', 'td.database_id')})
      where exists (select from ${teams})) reached`,
  );
}

/** The kinds of branch are read off the two ends of an index; null where there is no branch. */
function hasProduction(column: string, id: string): string {
  return `(select b.production from branches b where b.${column} = ${id}
        order by b.production desc limit 1)`;
}

function hasDevelopment(column: string, id: string): string {
  return `(select not b.production from branches b where b.${column} = ${id}
        order by b.production limit 1)`;
}
