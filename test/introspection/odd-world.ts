/**
 * A world for introspection in which there is a token, an asker and a resource of every kind, and
 * what is nearly one.
 */

import { exportJWK, generateKeyPair } from 'jose';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret, secretPrefixes, sha256 } from '../../src/lib/secrets.ts';
import { addClientSecret, deleteClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { createDpopKey } from '../support/dpop.ts';
import {
  consentTo,
  demoApp,
  idOf,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
  tinyApp,
} from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { worldIn } from '../support/world.ts';

/** What requests are put together from. */
export interface OddWorld {
  /** Those that live stand first. */
  readonly tokens: readonly string[];
  readonly resources: readonly string[];
  /** Id and secret; right ones stand first. */
  readonly askers: readonly (readonly [id: string, secret: string])[];
}

const scope =
  'openid user:read_user organization:read_databases database:read_database database:write_branches';
const email = 'consultant@vault.test';

/** Writes the world into the database of a server. */
export async function writeOddWorld(server: TestServer): Promise<OddWorld> {
  const tokens = await writeTokens(server);
  return {
    tokens,
    resources: await nameResources(server.database.db),
    askers: await writeAskers(server.database.db),
  };
}

async function writeTokens(server: TestServer): Promise<string[]> {
  const run = (set: string, token: string) =>
    server.database.db.query(statement(`update tokens set ${set} where id = $1`), [sha256(token)]);
  const picked = ['user', 'acme', 'acme/shop', 'vault/ledger'];
  await consentTo(server, demoApp, email, scope, picked);
  await consentTo(server, tinyApp, email, 'user:read_user database:read_database', [
    'vault/ledger',
  ]);
  await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/shop']);
  const whole = () => obtainTokens(server, demoApp, email, scope);

  const live = await whole();
  const spent = await whole();
  const next = (await refresh(server, demoApp, spent.refresh_token)).body;
  const member = await obtainTokens(server, demoApp, 'member@acme.test', scope);
  const tiny = await obtainTokens(server, tinyApp, email, 'user:read_user database:read_database');
  const aimed = await whole();
  await run(`payload = payload || '{"aud":"https://aimed.test"}'`, aimed.access_token);
  const bound = await boundTokens(server);

  const expired = await whole();
  await run(`expires_at = now() - interval '1 second'`, expired.access_token);
  await run(`expires_at = now() - interval '1 second'`, expired.refresh_token);
  const { code } = await obtainCode(server, demoApp, email, scope);
  const lives = [live, next, member, tiny, aimed, bound].flatMap(
    ({ access_token, refresh_token }) => [access_token, refresh_token ?? access_token],
  );
  const dead = [expired.access_token, expired.refresh_token, spent.refresh_token, code];
  return [...lives, ...dead, ...lookAlikes(live.access_token)];
}

async function boundTokens(server: TestServer) {
  const { code, verifier } = await obtainCode(server, demoApp, email, scope);
  const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
  return (await redeem(server, demoApp, code, verifier, {}, proof)).body;
}

/** What is nearly a token that lives. */
function lookAlikes(token: string): string[] {
  return [
    ...[`${token} `, ` ${token}`, `${token}\n`, `${token}\t`, `${token}\0`, `${token}.`],
    ...[token.toUpperCase(), token.slice(0, -1), `${token}A`, token.replace('_at_', '_rt_')],
    ...[`Bearer ${token}`, `"${token}"`, `${token}+`, `${token},${token}`, `${token}ü`],
    ...[randomSecret(secretPrefixes.accessToken), randomSecret(secretPrefixes.refreshToken)],
    ...['eyJhbGciOiJub25lIn0.e30.', 'a.b.c', 'null', '[object Object]', '\ufeff', '💥'],
    ...['x'.repeat(1_001), `usher_at_${'x'.repeat(30_000)}`],
  ];
}

async function nameResources(db: Database): Promise<string[]> {
  const printed = async (kind: 'branch' | 'database' | 'organization', path: string) =>
    printId(kind, await idOf(db, path));
  const text = `update branches set external_id = 'shop main/1' where id = $1`;
  const main = await idOf(db, 'acme/shop/main');
  await db.query(statement(text), [main]);
  const shop = await printed('database', 'acme/shop');
  return [
    'user',
    'organizations/acme',
    '/organizations/acme/databases/shop',
    'organizations/acme/databases/shop/branches/main',
    'organizations/vault/databases/ledger/branches/audit',
    'organizations/vault/databases/secrets',
    await printed('branch', 'acme/shop/main'),
    await printed('branch', 'vault/ledger/audit'),
    await printed('organization', 'vault'),
    shop,
    'external:shop main/1',
    ...['external:none', 'external:', 'external:a\0b', 'external:ü💥', 'organizations/nowhere'],
    ...[shop.toUpperCase(), shop.slice(0, -1), `${shop}0`, `db_${'0'.repeat(32)}`, ` ${shop}`],
    ...[
      '//organizations/acme',
      'organizations/acme/',
      'organizations/Acme',
      'organizations/acme\0',
    ],
    ...['organizations/acme/../vault', 'organizations%2Facme', '*', 'ümlaut & more=1', 'null'],
    ...['x'.repeat(1_001), 'y'.repeat(20_000)],
  ];
}

async function writeAskers(db: Database): Promise<(readonly [string, string])[]> {
  const add = async (secret: string, columns: Record<string, unknown>) => {
    const { id } = await worldIn(db).client({ resource_server: 'platform', ...columns });
    const secretId = await addClientSecret(db, id, secret);
    return { id, secretId, secret } as const;
  };
  const expire = (id: string) =>
    db.query(
      statement(`update client_secrets set expires_at = now() - interval '1 second' where id = $1`),
      [id],
    );
  const careful = await add('careful-secret-0001', { requires_resource: true });
  const aimed = await add('aimed-secret-00001', { audience: 'https://aimed.test' });
  const odd = await add('p:q+r s%20t%zz&u=v"w', {
    id: 'odd:id+with %41&all=',
    resource_server: 'platform',
  });
  const posting = await add('posting-secret-001', { auth_method: 'client_secret_post' });
  const several = await add('several-secret-one', {});
  await addClientSecret(db, several.id, 'several-secret-two');
  await expire(await addClientSecret(db, several.id, 'several-secret-old'));
  await deleteClientSecret(
    db,
    several.id,
    await addClientSecret(db, several.id, 'several-secret-gone'),
  );
  const suspended = await add('suspended-secret-1', { status: 'suspended' });
  const { publicKey } = await generateKeyPair('ES256');
  const metadata = { jwks: { keys: [await exportJWK(publicKey)] } };
  const keyed = await add('keyed-secret-00001', { auth_method: 'private_key_jwt', metadata });
  const open = await add('open-secret-000001', { auth_method: 'none', resource_server: null });
  const pair = ({ id, secret }: { id: string; secret: string }) => [id, secret] as const;
  return [
    ['demo-api', 'demo-api-secret'],
    ['vault-api', 'vault-api-secret'],
    ['demo-app', 'demo-app-secret'],
    ['tiny-app', 'tiny-app-secret'],
    ...[careful, aimed, odd, posting, several].map(pair),
    [several.id, 'several-secret-two'],
    [several.id, 'several-secret-old'],
    [several.id, 'several-secret-gone'],
    ...[suspended, keyed, open].map(pair),
    ...[
      ['demo-api', 'wrong'] as const,
      ['demo-api', ''] as const,
      ['', 'demo-api-secret'] as const,
    ],
    ...[['', ''] as const, ['nobody', 'demo-api-secret'] as const, ['demo-cli', 'x'] as const],
    ...[['demo-api', 'demo-api-secret '] as const, ['Demo-Api', 'demo-api-secret'] as const],
    ...[
      ['d\0mo', 'x'] as const,
      ['dëmo', 'gehëim'] as const,
      ['demo-api', 'x'.repeat(2_500)] as const,
    ],
  ];
}
