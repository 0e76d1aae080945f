/**
 * One organization of 100,000 members, 10,000 databases and 1,000 teams.
 *
 * Every database has 3 branches and 10 Developers, every team 100 members and 10 databases; there
 * are 200,000 audit events, 1,000 open invitations and 200 approved applications.
 *
 * @module
 */

import type pg from 'pg';
import { printId } from '../../src/lib/ids.ts';
import { idOf } from './fill.ts';
import { withoutIndexes } from './without-indexes.ts';

const members = 100_000;
const databases = 10_000;
const teams = 1_000;

/** Who asks. */
export const administrator = 'member-0@large.test';
/** A Developer of one database, in one team. */
export const developer = 'member-1@large.test';

const organization = idOf('org', '0');

const statements = [
  `insert into organizations (id, slug, name) values (${organization}, 'large', 'Large')`,
  `insert into accounts (id, email, name, email_verified_at)
   select ${idOf('user', 'n')}, 'member-' || n || '@large.test', 'Member ' || n, now()
   from generate_series(0, ${members - 1}) n`,
  `insert into organization_members (organization_id, account_id, role, joined_at)
   select ${organization}, ${idOf('user', 'n')},
     case when n % 10000 = 0 then 'organization_admin' else 'organization_member' end,
     now() - (${members} - n) * interval '1 minute'
   from generate_series(0, ${members - 1}) n`,
  `insert into databases (id, organization_id, slug)
   select ${idOf('db', 'n')}, ${organization}, 'db-' || n from generate_series(0, ${databases - 1}) n`,
  `insert into branches (id, organization_id, database_id, slug, production)
   select ${idOf('br', 'n')}, ${organization}, ${idOf('db', 'n / 3')}, 'branch-' || n % 3, n % 3 = 0
   from generate_series(0, ${3 * databases - 1}) n`,
  `insert into database_roles (database_id, account_id, organization_id, role)
   select ${idOf('db', 'n / 10')}, ${idOf('user', 'n')}, ${organization}, 'database_developer'
   from generate_series(0, ${10 * databases - 1}) n`,
  `insert into teams (id, organization_id, slug, name)
   select ${idOf('team', 'n')}, ${organization}, 'team-' || n, 'Team ' || n
   from generate_series(0, ${teams - 1}) n`,
  `insert into team_members (team_id, organization_id, account_id)
   select ${idOf('team', 'n / 100')}, ${organization}, ${idOf('user', 'n')}
   from generate_series(0, ${100 * teams - 1}) n`,
  `insert into team_databases (team_id, organization_id, database_id)
   select ${idOf('team', 'n / 10')}, ${organization}, ${idOf('db', 'n')}
   from generate_series(0, ${10 * teams - 1}) n`,
  `insert into invitations (id, organization_id, email, expires_at)
   select ${idOf('invitation', 'n')}, ${organization}, 'invited-' || n || '@large.test',
     now() + interval '7 days' from generate_series(0, 999) n`,
  `insert into clients (id, name, auth_method, grant_types)
   select 'app-' || n, 'App ' || n, 'none', '{authorization_code}' from generate_series(0, 199) n`,
  `insert into application_approvals (organization_id, client_id)
   select ${organization}, 'app-' || n from generate_series(0, 199) n`,
  `insert into audit_events (action, actor_account_id, organization_id, subject)
   select (array['team.created', 'member.removed', 'branch.promoted'])[1 + n % 3],
     ${idOf('user', 'n % 1000')}, ${organization}, 'user_' || md5('user ' || n % 5000)
   from generate_series(0, 199999) n`,
];

/** Fills an empty, migrated database. */
export async function fillLargeOrganization(client: pg.ClientBase, hash: string): Promise<void> {
  await client.query('set session_replication_role = replica');
  await withoutIndexes(client, async () => {
    for (const text of statements) await client.query(text);
  });
  await client.query('set session_replication_role = origin');
  await client.query('update accounts set password_hash = $1 where email = any ($2)', [
    hash,
    [administrator, developer],
  ]);
  await client.query('vacuum analyze');
}

/** The printed ids that requests are made with. */
export async function largeIds(client: pg.ClientBase): Promise<Record<string, string>> {
  const ids = await client.query<Record<'organization' | 'database' | 'team' | 'member', string>>(
    `select ${organization} as organization, ${idOf('db', '0')} as database,
            ${idOf('team', '0')} as team, ${idOf('user', '77777')} as member`,
  );
  const [{ organization: org = '', database = '', team = '', member = '' } = {}] = ids.rows;
  return {
    organization: printId('organization', org),
    database: printId('database', database),
    team: printId('team', team),
    member: printId('user', member),
  };
}
