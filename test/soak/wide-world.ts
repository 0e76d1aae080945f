/**
 * As much of everything as Usher takes: an organization of 2,000 databases, whose administrator gave an
 * application a consent of 500 entries, with 1,000 tokens, and a long audit log.
 */

import { allScopes, names } from '../../src/catalogue/scope-set.ts';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret, secretPrefixes, sha256 } from '../../src/lib/secrets.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';
import { freshSlug, makeAccount } from '../organizations/world.ts';
import { demoApp, type Node } from '../support/oauth.ts';

/** Tokens, and questions in a batch. */
export const many = 1_000;
const databases = 2_000;
const auditEvents = 20_000;

export const everyScope = ['openid', 'offline_access', ...names(allScopes)].join(' ');

export interface WideWorld {
  readonly administrator: string;
  /** Who signs in on pages, with the same rights. */
  readonly email: string;
  readonly organizationId: string;
  /** All printed. */
  readonly databases: readonly string[];
  readonly branches: readonly string[];
  readonly users: readonly string[];
  /** In clear, under the consent of 500 entries. */
  readonly tokens: readonly string[];
}

/** Builds it in a database that has the demo data. */
export async function buildWideWorld({ database: { db } }: Node): Promise<WideWorld> {
  const email = 'member@acme.test';
  const run = runIn(db);
  const [person] = await run<{ id: string }>('select id from accounts where email = $1', email);
  const administrator = await makeAccount(db);
  const members = [administrator, person?.id ?? ''];
  const [organization] = await run<{ id: string }>(
    `insert into organizations (id, slug, name) values (gen_random_uuid(), $1, 'Wide') returning id`,
    freshSlug(),
  );
  const organizationId = organization?.id ?? '';
  await run(
    `insert into organization_members (organization_id, account_id, role)
     select $1, id, 'organization_admin' from unnest($2::uuid[]) as a (id)`,
    organizationId,
    members,
  );
  await run(
    `insert into databases (id, organization_id, slug)
     select gen_random_uuid(), $1, 'a-database-with-a-rather-long-name-' || n
       from generate_series(1, ${databases}) n`,
    organizationId,
  );
  const databaseIds = await run<{ id: string }>(
    'select id from databases where organization_id = $1 order by slug',
    organizationId,
  );
  const branchIds = await run<{ id: string }>(
    `insert into branches (id, organization_id, database_id, slug, production)
     select gen_random_uuid(), organization_id, id, kind, kind = 'main'
       from databases, unnest('{main,dev}'::text[]) kind where organization_id = $1
     returning id`,
    organizationId,
  );
  await run(
    `insert into audit_events (action, organization_id, actor_account_id, subject, after)
     select 'database.renamed', $1, $2, 'a database', '{"slug":"x"}'
       from generate_series(1, ${auditEvents})`,
    organizationId,
    administrator,
  );
  const tokens = await consentWidely(db, person?.id ?? '', organizationId);
  return {
    administrator,
    email,
    organizationId,
    databases: databaseIds.map(({ id }) => printId('database', id)),
    branches: branchIds.map(({ id }) => printId('branch', id)),
    users: members.map((id) => printId('user', id)),
    tokens,
  };
}

/** @returns tokens under the consent, each of a grant of its own. */
async function consentWidely(db: Db, accountId: string, organizationId: string) {
  const run = runIn(db);
  await run('delete from consents where account_id = $1 and client_id = $2', accountId, demoApp.id);
  const [consent] = await run<{ id: string }>(
    `insert into consents (id, account_id, client_id, version, asked_scope)
     values (gen_random_uuid(), $1, $2, 1, $3) returning id`,
    accountId,
    demoApp.id,
    everyScope,
  );
  await run(
    `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
       scope, version)
     select gen_random_uuid(), $1, $2, 'database', $3, id, $4, 1
       from databases where organization_id = $3 order by slug limit ${mostEntries}`,
    consent?.id,
    accountId,
    organizationId,
    names(allScopes)
      .filter((name) => name.startsWith('database:'))
      .join(' '),
  );
  const tokens = Array.from({ length: many }, () => randomSecret(secretPrefixes.accessToken));
  await run(
    `with granted as (
       insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
       select 'wide ' || encode(hash, 'hex'), $2, $3, $4, '{}', now() + interval '300 days'
         from unnest($1::bytea[]) hash returning id, created_at)
     insert into tokens (id, kind, grant_id, consent_id, account_id, granted_at, client_id, scope,
       consent_version, payload, expires_at)
     select decode(substr(id, 6), 'hex'), 'AccessToken', id, $2, $3, created_at, $4, $5, 1,
       jsonb_build_object('accountId', $6::text), now() + interval '1 day' from granted`,
    tokens.map((token) => sha256(token)),
    consent?.id,
    accountId,
    demoApp.id,
    everyScope,
    printId('user', accountId),
  );
  return tokens;
}

function runIn(db: Db) {
  return <Row extends object>(sql: string, ...values: unknown[]) =>
    db.query<Row>(statement(sql), values);
}
