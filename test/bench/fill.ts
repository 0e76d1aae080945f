/**
 * Fills Usher's tables in bulk, up to 10 million tokens within minutes.
 *
 * For every 10 tokens there is one member with one consent (3 databases of their organization) and
 * 5 grants of an access token and a refresh token each; for every 100 members an organization with
 * 3 databases of 3 branches, one team, and 10 Developers of its first database. Ids are digests of
 * running numbers, so each statement finds the ids of the others without asking.
 *
 * @module
 */

import pg from 'pg';
import { serviceScope } from '../../src/clients/service-clients.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { apps, asker, redirectUri } from './actors.ts';
import { type AskedToken, membersPerOrganization, tokensPerMember } from './asked-tokens.ts';
import { service } from './client-credentials.ts';
import { withoutIndexes } from './without-indexes.ts';

/** What is filled in. */
export interface Amount {
  readonly tokens: number;
  /** The access tokens among them that are known in clear. */
  readonly asked: readonly AskedToken[];
}

/** The scope of every token and consent entry here. */
export const grantedScope =
  'database:read_branches database:write_branches database:manage_passwords database:read_database';

/** What an Organization Member may do of it on a development branch. */
export const branchScope =
  'database:read_branches database:write_branches database:manage_passwords';

const branches = ['main', 'staging', 'feature'];

/** How the ids of things are made from their numbers; used inside the statements. */
export const idOf = (what: string, number: string) => `md5('${what} ' || (${number}))::uuid`;
const grantIdOf = (number: string) => `md5('grant ' || (${number}))`;
const appOf = (member: string) => `'app-' || (${member}) % ${apps.length}`;

/** Fills an empty, migrated database. */
export async function fill(client: pg.ClientBase, { tokens, asked }: Amount): Promise<void> {
  const members = Math.ceil(tokens / tokensPerMember);
  const organizations = Math.ceil(members / membersPerOrganization);
  await insertClients(client);
  await client.query(`set session_replication_role = replica`); // the rows refer to each other rightly
  await withoutIndexes(client, () => insertAll(client, { organizations, members, tokens, asked }));
  await client.query(`set session_replication_role = origin`);
  await client.query('vacuum analyze');
  await client.query('checkpoint'); // what it writes is not a part of what is measured next
}

interface Counts extends Amount {
  readonly organizations: number;
  readonly members: number;
}

async function insertAll(client: pg.ClientBase, counts: Counts): Promise<void> {
  const { organizations, members, tokens } = counts;
  for (const text of treeStatements) await client.query(text, [organizations]);
  for (const text of memberStatements) await client.query(text, [members]);
  await client.query(insertGrants, [tokens / 2]);
  await insertTokens(client, counts);
}

async function insertClients(client: pg.ClientBase): Promise<void> {
  const all = [...apps, asker];
  await client.query(
    `insert into clients (id, name, auth_method, redirect_uris, grant_types, scope, resource_server)
     select id, id, 'client_secret_basic',
       case when id = $2 then '{}' else array[$3] end,
       case when id = $2 then '{}' else array['authorization_code', 'refresh_token'] end,
       case when id = $2 then '' else $4 end,
       case when id = $2 then 'platform' end
     from unnest($1::text[]) id`,
    [all.map(({ id }) => id), asker.id, redirectUri, grantedScope],
  );
  await client.query(
    `insert into client_secrets (id, client_id, secret_hash)
     select gen_random_uuid(), id, hash from unnest($1::text[], $2::bytea[]) as secret (id, hash)`,
    [all.map(({ id }) => id), all.map(({ secret }) => sha256(secret))],
  );
  await client.query(
    `insert into clients (id, name, auth_method, scope, metadata)
     values ($1, 'The platform', 'private_key_jwt', $2, $3)`,
    [service.id, serviceScope, JSON.stringify({ jwks: { keys: [service.jwk] } })],
  );
}

/** For $1 organizations. */
const treeStatements = [
  `insert into organizations (id, slug, name)
   select ${idOf('org', 'n')}, 'org-' || n, 'Organization ' || n
   from generate_series(0, $1::int - 1) n`,
  `insert into databases (id, organization_id, slug)
   select ${idOf('db', 'n')}, ${idOf('org', 'n / 3')}, 'db-' || n % 3
   from generate_series(0, 3 * $1::int - 1) n`,
  `insert into branches (id, organization_id, database_id, slug, production)
   select ${idOf('br', 'n')}, ${idOf('org', 'n / 9')}, ${idOf('db', 'n / 3')},
     (array['${branches.join("','")}'])[1 + n % 3], n % 3 = 0
   from generate_series(0, 9 * $1::int - 1) n`,
  `insert into teams (id, organization_id, slug, name)
   select ${idOf('team', 'n')}, ${idOf('org', 'n')}, 'data', 'Data'
   from generate_series(0, $1::int - 1) n`,
  `insert into team_databases (team_id, organization_id, database_id)
   select ${idOf('team', 'n')}, ${idOf('org', 'n')}, ${idOf('db', '3 * n + 1')}
   from generate_series(0, $1::int - 1) n`,
];

/** For $1 members. Each hundredth administers the organization, each twentieth is in its team. */
const memberStatements = [
  `insert into accounts (id, email, name, email_verified_at)
   select ${idOf('user', 'n')}, 'member-' || n || '@usher.test', 'Member ' || n, now()
   from generate_series(0, $1::int - 1) n`,
  `insert into organization_members (organization_id, account_id, role)
   select ${idOf('org', 'n / 100')}, ${idOf('user', 'n')},
     case when n % 100 = 99 then 'organization_admin' else 'organization_member' end
   from generate_series(0, $1::int - 1) n`,
  `insert into database_roles (database_id, account_id, organization_id, role)
   select ${idOf('db', '3 * (n / 100)')}, ${idOf('user', 'n')}, ${idOf('org', 'n / 100')},
     'database_developer'
   from generate_series(0, $1::int - 1, 10) n`,
  `insert into team_members (team_id, organization_id, account_id)
   select ${idOf('team', 'n / 100')}, ${idOf('org', 'n / 100')}, ${idOf('user', 'n')}
   from generate_series(0, $1::int - 1, 20) n`,
  `insert into consents (id, account_id, client_id, version, asked_scope)
   select ${idOf('consent', 'n')}, ${idOf('user', 'n')}, ${appOf('n')}, 1, '${grantedScope}'
   from generate_series(0, $1::int - 1) n`,
  `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
     scope, version)
   select ${idOf('entry', 'n')}, ${idOf('consent', 'n / 3')}, ${idOf('user', 'n / 3')}, 'database',
     ${idOf('org', 'n / 300')}, ${idOf('db', '3 * (n / 300) + n % 3')}, '${grantedScope}', 1
   from generate_series(0, 3 * $1::int - 1) n`,
];

const insertGrants = `
  insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
  select ${grantIdOf('n')}, ${idOf('consent', 'n / 5')}, ${idOf('user', 'n / 5')}, ${appOf('n / 5')},
    '{"iat": 1800000000, "openid": {"scope": "${grantedScope}"}}', now() + interval '300 days'
  from generate_series(0, $1::int - 1) n`;

/** Even numbers are access tokens, odd ones refresh tokens; those asked about have a text. */
async function insertTokens(client: pg.ClientBase, { tokens, asked }: Amount): Promise<void> {
  await client.query('create temporary table asked (n int primary key, id bytea)');
  await client.query('insert into asked select * from unnest($1::int[], $2::bytea[])', [
    asked.map(({ number }) => number),
    asked.map(({ token }) => sha256(token)),
  ]);
  await client.query('analyze asked');
  await client.query(
    `insert into tokens (id, kind, grant_id, consent_id, account_id, granted_at, client_id, scope,
       consent_version, payload, expires_at)
     select coalesce(asked.id, sha256(('token ' || n)::bytea)),
       case n % 2 when 0 then 'AccessToken' else 'RefreshToken' end,
       ${grantIdOf('n / 2')}, ${idOf('consent', 'n / 10')}, ${idOf('user', 'n / 10')}, now(), ${appOf('n / 10')}, '${grantedScope}', 1,
       ('{"iat": 1800000000, "gty": "authorization_code", "claims": {}, "authTime": 1800000000, "acr": "urn:usher:acr:password", "accountId": "user_'
         || md5('user ' || n / 10) || '"}')::jsonb,
       now() + case n % 2 when 0 then interval '1 day' else interval '30 days' end
     from generate_series(0, $1::int - 1) n left join asked using (n)`,
    [tokens],
  );
  await client.query('drop table asked');
}

/** A connection to fill a database by. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
