/**
 * What a member has in an organization: for the page about them, which also says what ends with it.
 *
 * @module
 */

import { type DatabaseRole, databaseRoleToday } from '../../members/roles.ts';
import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';
import type { MemberIds } from './members.ts';

/** What is in a list, with how much there is beyond it. */
interface Some<Item> {
  readonly items: readonly Item[];
  readonly count: number;
}

/** A role that a member was given on a database. */
interface HeldDatabase {
  readonly id: string;
  readonly slug: string;
  readonly role: DatabaseRole;
}

/** A team that a member is in, with what it administers, as far as it fits in a line. */
interface HeldTeam {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly databases: readonly string[];
  readonly databaseCount: number;
}

/** An application that a member let into the organization. */
interface HeldApplication {
  readonly id: string;
  readonly name: string;
}

/** All of it, of one moment. */
export interface MemberHoldings {
  readonly databases: Some<HeldDatabase>;
  readonly teams: Some<HeldTeam>;
  readonly applications: Some<HeldApplication>;
}

const select = statement(`
  with held as (
         select d.id, d.slug, r.role from database_roles r join databases d on d.id = r.database_id
          where r.organization_id = $1 and r.account_id = $2),
       teams as (
         select t.id, t.slug, t.name,
                (select count(*)::int from team_databases x where x.team_id = t.id) as "databaseCount",
                array(select d.slug from team_databases x join databases d on d.id = x.database_id
                       where x.team_id = t.id order by d.slug limit 5) as databases
           from team_members m join teams t on t.id = m.team_id
          where m.organization_id = $1 and m.account_id = $2),
       apps as (
         select distinct k.id, k.name
           from consent_entries e
           join consents c on c.id = e.consent_id
           join clients k on k.id = c.client_id
          where e.organization_id = $1 and e.account_id = $2 and ${isAlive('c')})
  select (select count(*)::int from held) as "databaseCount",
         (select count(*)::int from teams) as "teamCount",
         (select count(*)::int from apps) as "applicationCount",
         coalesce((select json_agg(x) from (select * from held order by slug limit $3) x), '[]')
           as databases,
         coalesce((select json_agg(x) from (select * from teams order by slug limit $3) x), '[]')
           as teams,
         coalesce((select json_agg(x) from (select * from apps order by name, id limit $3) x), '[]')
           as applications`);

interface Row {
  databaseCount: number;
  teamCount: number;
  applicationCount: number;
  databases: HeldDatabase[];
  teams: HeldTeam[];
  applications: HeldApplication[];
}

/** @param limit how many of each are listed; all are counted. */
export async function memberHoldings(
  db: Db,
  { organizationId, accountId }: MemberIds,
  limit: number,
): Promise<MemberHoldings> {
  const [row] = await db.query<Row>(select, [organizationId, accountId, limit]);
  const { databases = [], teams = [], applications = [] } = row ?? {};
  const today = databases.map((one) => ({ ...one, role: databaseRoleToday(one.role) }));
  return {
    databases: { items: today, count: row?.databaseCount ?? 0 },
    teams: { items: teams, count: row?.teamCount ?? 0 },
    applications: { items: applications, count: row?.applicationCount ?? 0 },
  };
}
