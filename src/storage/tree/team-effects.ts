/**
 * Who would gain or lose a role on which database by a change of a team: pairs of a member and a database
 * that nothing but the team makes administrator there.
 *
 * @module
 */

import { administratorRoles, databaseAdministratorRole, namesOfRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { TeamIds } from './teams.ts';

/** What a change concerns: everybody in the team, or one; all that it has, or one. */
export interface TeamChange extends TeamIds {
  /** Undefined: everybody in the team. */
  readonly accountId?: string | undefined;
  /** Undefined: all databases of the team. */
  readonly databaseId?: string | undefined;
}

/** Somebody and a database. */
interface TeamEffect {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly database: string;
}

/** Some of the pairs, and how many there are, at most `countedEffects`. */
export interface TeamEffects {
  readonly some: readonly TeamEffect[];
  readonly count: number;
}

/** More are not counted one by one. */
const countedEffects = 1000;

const find = statement(`
  with who as (
    select account_id from team_members where team_id = $2 and $3::uuid is null
    union all select $3 where $3::uuid is not null),
  what as (
    select database_id from team_databases where team_id = $2 and $4::uuid is null
    union all select $4 where $4::uuid is not null),
  pair as (
    select m.account_id, d.id as database_id, d.slug
      from who
      join organization_members m on m.organization_id = $1 and m.account_id = who.account_id
      cross join what
      join databases d on d.organization_id = $1 and d.id = what.database_id
     where m.role <> all($5::text[])
       and not exists (
         select from database_roles r
          where r.database_id = d.id and r.account_id = m.account_id and r.role = any($6::text[]))
       and not exists (
         select from team_members t join team_databases o on o.team_id = t.team_id
          where t.account_id = m.account_id and o.database_id = d.id and t.team_id <> $2)
     limit $7)
  select p.account_id as "accountId", a.name, a.email, p.slug as database,
         (count(*) over ())::int as count
    from pair p join accounts a on a.id = p.account_id
   order by p.slug, a.email limit $8`);

/** @param most so many pairs are named. */
export async function findTeamEffects(
  db: Db,
  { organizationId, teamId, accountId, databaseId }: TeamChange,
  most: number,
): Promise<TeamEffects> {
  const rows = await db.query<TeamEffect & { count: number }>(find, [
    organizationId,
    teamId,
    accountId ?? null,
    databaseId ?? null,
    administratorRoles,
    namesOfRole(databaseAdministratorRole),
    countedEffects + 1,
    most,
  ]);
  const some = rows.map(({ accountId, name, email, database }) => {
    return { accountId, name, email, database };
  });
  return { some, count: rows[0]?.count ?? 0 };
}
