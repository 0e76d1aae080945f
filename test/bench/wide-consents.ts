/**
 * Tokens under consents of 1 and of 500 entries, in one organization of 500 databases.
 *
 * @module
 */

import type pg from 'pg';
import { randomSecret, secretPrefixes, sha256 } from '../../src/lib/secrets.ts';
import { apps } from './actors.ts';
import { type AskedToken, printedBranch } from './asked-tokens.ts';
import { grantedScope, idOf } from './fill.ts';

const databases = 500;
const members = 20;
const grantsPerMember = 100;

/** Adds the organization with its databases and members. */
export async function addWideOrganization(client: pg.ClientBase): Promise<void> {
  await client.query(`
    insert into organizations (id, slug, name) values (${idOf('wide org', '0')}, 'wide', 'Wide');
    insert into databases (id, organization_id, slug)
      select ${idOf('wide db', 'n')}, ${idOf('wide org', '0')}, 'db-' || n
      from generate_series(0, ${databases - 1}) n;
    insert into branches (id, organization_id, database_id, slug, production)
      select ${idOf('wide br', 'n')}, ${idOf('wide org', '0')}, ${idOf('wide db', 'n / 2')},
        (array['main', 'staging'])[1 + n % 2], n % 2 = 0
      from generate_series(0, ${2 * databases - 1}) n;
    insert into accounts (id, email, name, email_verified_at)
      select ${idOf('wide user', 'n')}, 'wide-' || n || '@usher.test', 'Wide ' || n, now()
      from generate_series(0, ${members - 1}) n;
    insert into organization_members (organization_id, account_id)
      select ${idOf('wide org', '0')}, ${idOf('wide user', 'n')}
      from generate_series(0, ${members - 1}) n`);
}

/**
 * Adds a consent of that many entries for each member, given to an application of its own, with
 * grants and access tokens.
 *
 * @returns the tokens, each with a branch of a database that its consent names.
 */
export async function addWideConsents(
  client: pg.ClientBase,
  entries: number,
  app: number,
): Promise<AskedToken[]> {
  const consent = (member: string) => idOf(`wide consent ${entries} of`, member);
  const clientId = apps[app]?.id;
  await client.query(
    `insert into consents (id, account_id, client_id, version, asked_scope)
     select ${consent('n')}, ${idOf('wide user', 'n')}, $1, 1, $2
     from generate_series(0, ${members - 1}) n`,
    [clientId, grantedScope],
  );
  await client.query(
    `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
       scope, version)
     select gen_random_uuid(), ${consent('n')}, ${idOf('wide user', 'n')}, 'database',
       ${idOf('wide org', '0')}, ${idOf('wide db', 'd')}, $1, 1
     from generate_series(0, ${members - 1}) n, generate_series(0, $2::int - 1) d`,
    [grantedScope, entries],
  );
  const asked = Array.from({ length: members * grantsPerMember }, (_, number) => {
    const branch = printedBranch(`wide br ${2 * (number % entries) + 1}`);
    return { token: randomSecret(secretPrefixes.accessToken), number, branch };
  });
  await client.query(
    `with granted as (
       insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
       select 'wide ' || encode(hash, 'hex'), ${consent(`n % ${members}`)},
         ${idOf('wide user', `n % ${members}`)}, $3, '{}', now() + interval '300 days'
       from unnest($1::bytea[], $2::int[]) as item (hash, n)
       returning id, consent_id, account_id, created_at)
     insert into tokens (id, kind, grant_id, consent_id, account_id, granted_at, client_id, scope,
       consent_version, payload, expires_at)
     select decode(substr(id, 6), 'hex'), 'AccessToken', id, consent_id, account_id, created_at,
       $3, $4, 1,
       jsonb_build_object('accountId', 'user_' || replace(account_id::text, '-', '')),
       now() + interval '1 day'
     from granted`,
    [
      asked.map(({ token }) => sha256(token)),
      asked.map(({ number }) => number),
      clientId,
      grantedScope,
    ],
  );
  return asked;
}
