/**
 * Everything that gives one member something on one database, from one statement.
 *
 * @module
 */

import type { Membership } from '../../members/permissions.ts';
import {
  baseRoleToday,
  type DatabaseRole,
  databaseRoleToday,
  organizationRoleToday,
} from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { MemberIds } from '../people/members.ts';
import type { DatabasePerson } from './databases.ts';
import type { Team } from './teams.ts';

/** A team that administers the database and has the member in it. */
export type SourceTeam = Pick<Team, 'id' | 'slug' | 'name'>;

/** The facts behind a member's access to a database. */
export interface AccessSources {
  /** Whether neither the member nor the account is suspended. */
  readonly active: boolean;
  readonly membership: Membership;
  readonly direct: DatabaseRole | undefined;
  /** By slug. */
  readonly teams: readonly SourceTeam[];
}

interface SourcesRow {
  active: boolean;
  role: string;
  base_role: string;
  direct: string | null;
  teams: SourceTeam[];
}

const select = statement(`
  select m.suspended_at is null and a.status = 'active' as active, m.role, o.base_role,
         r.role as direct,
         coalesce((
           select json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name)
                           order by t.slug)
             from team_members tm
             join team_databases td on td.team_id = tm.team_id and td.database_id = d.id
             join teams t on t.id = tm.team_id
            where tm.account_id = m.account_id and tm.organization_id = m.organization_id),
           '[]') as teams
    from organization_members m
    join accounts a on a.id = m.account_id
    join organizations o on o.id = m.organization_id
    join databases d on d.organization_id = m.organization_id
    left join database_roles r on r.database_id = d.id and r.account_id = m.account_id
   where m.organization_id = $1 and d.id = $2 and m.account_id = $3`);

/** @returns the facts; undefined when there is no such member or database in the organization. */
export async function findAccessSources(
  db: Db,
  { organizationId, databaseId, accountId }: DatabasePerson,
): Promise<AccessSources | undefined> {
  const [row] = await db.query<SourcesRow>(select, [organizationId, databaseId, accountId]);
  return row && toSources(row);
}

const membership = statement(`
  select m.suspended_at is null and a.status = 'active' as active, m.role, o.base_role,
         null as direct, '[]'::json as teams
    from organization_members m
    join accounts a on a.id = m.account_id
    join organizations o on o.id = m.organization_id
   where m.organization_id = $1 and m.account_id = $2`);

/** @returns the facts about the organization alone; undefined when there is no such member. */
export async function findMembershipSources(
  db: Db,
  { organizationId, accountId }: MemberIds,
): Promise<AccessSources | undefined> {
  const [row] = await db.query<SourcesRow>(membership, [organizationId, accountId]);
  return row && toSources(row);
}

function toSources({ active, role, base_role: baseRole, direct, teams }: SourcesRow) {
  const membership = {
    organizationRole: organizationRoleToday(role),
    baseRole: baseRoleToday(baseRole),
  };
  const given = direct === null ? undefined : databaseRoleToday(direct);
  return { active, membership, direct: given, teams };
}
