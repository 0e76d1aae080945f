/** Every kind that operators can add: added, listed, removed, and refused with the right exit code. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printResult } from '../../src/operator/print.ts';
import { findClient } from '../../src/storage/clients/clients.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { commandsOn, freshEmail, type Run } from './operators.ts';

const directory = mkdtempSync(join(tmpdir(), 'usher-commands-'));
const keyFile = join(directory, 'key.json');
const operator = freshEmail();

let database: TestDatabase;
let db: Database;
let run: Run;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  run = commandsOn(db, 'https://usher.test', true);
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  writeFileSync(keyFile, JSON.stringify(await exportJWK(publicKey)));
  await run('operator', 'add', operator);
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const rows = (sql: string, ...values: unknown[]) =>
  db.query<Record<string, unknown>>(statement(sql), values);

describe('each kind that can be added is listed, and removed', () => {
  const callback = 'https://shop.example/callback';

  test.each([
    ['application', 'applications', ['--redirect-uri', callback]],
    ['resource-server', 'resource_servers', ['--requires-resource']],
    ['service-client', 'service_clients', [keyFile]],
  ])('%s', async (noun, plural, words) => {
    const { client_id: id } = await run(noun, 'add', 'Shop', ...words);
    const isListed = async () => {
      const listed = (await run(noun, 'list'))[plural] as { client_id: string }[];
      return listed.filter((row) => row.client_id === id);
    };
    expect(await isListed()).toMatchObject([{ name: 'Shop', status: 'active' }]);
    expect(await findClient(db, String(id))).toMatchObject({ dynamic: false });
    for (const other of ['application', 'resource-server', 'service-client']) {
      if (other === noun) continue;
      await expect(run(other, 'remove', String(id))).rejects.toMatchObject({ exitCode: 3 });
    }
    expect(await run(noun, 'remove', String(id))).toMatchObject({ outcome: 'deleted' });
    expect(await isListed()).toEqual([]);
    expect(await findClient(db, String(id))).toBeUndefined();
    await expect(run(noun, 'remove', String(id))).rejects.toMatchObject({ exitCode: 3 });
    const trail = await rows('select action from audit_events where subject = $1 order by id', id);
    const kind = noun.replace('-', '_');
    expect(trail.map(({ action }) => action)).toEqual([`${kind}.created`, `${kind}.deleted`]);
  });

  test('operator', async () => {
    const email = freshEmail();
    await run('operator', 'add', email);
    const { operators } = await run('operator', 'list');
    expect(operators).toContainEqual(expect.objectContaining({ email, status: 'active' }));
    expect(await run('operator', 'remove', email)).toEqual({ outcome: 'changed' });
    expect(await run('operator', 'remove', email)).toEqual({ outcome: 'unchanged' });
  });

  test('organization, with its administrator and a link for them', async () => {
    const email = freshEmail();
    const made = await run('organization', 'add', 'Émile & Co', '--admin', email);
    expect(made).toMatchObject({ outcome: 'created', slug: 'emile-co', account: 'made' });
    expect(made['link']).toMatch(/^https:\/\/usher\.test\/set-up\/usher_setup_/);
    const { organizations } = await run('organization', 'list');
    const listed = { slug: 'emile-co', name: 'Émile & Co', members: 1, databases: 0 };
    expect(organizations).toContainEqual({ ...listed, id: made['organization'] });
    const again = run('organization', 'add', 'Emile Co', '--admin', email);
    await expect(again).rejects.toMatchObject({ exitCode: 5 });
    expect(await run('organization', 'remove', 'emile-co')).toMatchObject({ outcome: 'deleted' });
    const gone = run('organization', 'remove', 'emile-co');
    await expect(gone).rejects.toMatchObject({ exitCode: 3 });
  });
});

test('an application with warnings is listed with them, as text and as JSON', async () => {
  const callback = ['--redirect-uri', 'https://shop.example/callback'];
  const goodbye = 'https://shop.example/goodbye';
  const made = await run(
    'application',
    'add',
    'Warned',
    ...callback,
    '--post-logout-redirect-uri',
    goodbye,
  );
  const id = String(made['client_id']);
  expect(await findClient(db, id)).toMatchObject({ postLogoutRedirectUris: [goodbye] });
  await run('application', 'set', id, 'pkce=optional');
  await rows(
    `update clients set settings = settings || '{"refresh_tokens":"kept"}',
            metadata = metadata || '{"dpopBoundAccessTokens":true}' where id = $1`,
    id,
  );
  const listed = await run('application', 'list');
  const { warnings } = (listed['applications'] as { client_id: string; warnings: string[] }[]).find(
    (row) => row.client_id === id,
  ) ?? { warnings: [] };
  expect(warnings).toEqual([
    expect.stringContaining('PKCE is not required'),
    expect.stringContaining('Refresh tokens stay as they are'),
  ]);
  const text = printResult(listed, false);
  expect(text).toContain('WARNINGS');
  expect(text).toContain(warnings.join('; '));
  expect(JSON.parse(printResult(listed, true)).applications).toContainEqual(
    expect.objectContaining({ client_id: id, warnings }),
  );
});

describe('an organization that is in use', () => {
  test('is removed with --yes only', async () => {
    await run('organization', 'add', 'Used', '--admin', operator);
    await rows(`insert into databases (id, organization_id, slug)
                select gen_random_uuid(), id, 'shop' from organizations where slug = 'used'`);
    const attempt = run('organization', 'remove', 'used');
    await expect(attempt).rejects.toThrow(/1 databases and 1 members.*--yes/);
    await expect(attempt).rejects.toMatchObject({ exitCode: 5 });
    expect(await run('organization', 'remove', 'used', '--yes')).toMatchObject({ slug: 'used' });
  });
});

describe('an application', () => {
  test('belongs to an organization, asks for no more than it is registered for', async () => {
    await run('organization', 'add', 'Owner', '--admin', operator);
    const words = ['--organization', 'owner', '--scope', 'database:read_database', '--public'];
    const uris = [
      '--redirect-uri',
      'https://a.example/cb',
      '--redirect-uri',
      'https://b.example/cb',
    ];
    const made = await run('application', 'add', 'Two', ...uris, ...words);
    expect(made['client_secret']).toBeUndefined();
    const client = await findClient(db, String(made['client_id']));
    expect(client).toMatchObject({
      redirectUris: ['https://a.example/cb', 'https://b.example/cb'],
      scope: 'database:read_database',
      authMethod: 'none',
    });
    expect(client?.ownerOrganizationId).toBeDefined();
  });

  test('may ask for the whole catalogue where nothing else is said', async () => {
    const made = await run('application', 'add', 'All', '--redirect-uri', 'https://a.example/cb');
    const client = await findClient(db, String(made['client_id']));
    expect(client?.scope.split(' ').length).toBeGreaterThan(70);
  });

  test.each([
    ['no redirect URI', ['A'], 5],
    ['http in production', ['A', '--redirect-uri', 'http://shop.example/cb'], 5],
    ['an unknown scope', ['A', '--redirect-uri', 'https://a.example/', '--scope', 'a:b'], 5],
    [
      'an unknown organization',
      ['A', '--redirect-uri', 'https://a.example/', '--organization', 'x'],
      3,
    ],
  ])('is refused with %s', async (_what, words, exitCode) => {
    await expect(run('application', 'add', ...words)).rejects.toMatchObject({ exitCode });
  });
});

describe('in whose name', () => {
  test('--as is needed where there is more than one operator', async () => {
    const other = freshEmail();
    await run('operator', 'add', other);
    const attempt = run('keys', 'rotate');
    await expect(attempt).rejects.toThrow('--as EMAIL');
    expect(await run('application', 'list', '--as', other)).toMatchObject({ outcome: 'listed' });
    await run('operator', 'remove', other);
    await expect(run('application', 'list', '--as', other)).rejects.toMatchObject({ exitCode: 4 });
    await expect(run('organization', 'remove', 'owner', '--as', other)).rejects.toMatchObject({
      exitCode: 4,
    });
  });
});
