/** `token inspect` tells an operator why a token is dead; a resource server sees that it is, no more. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomSecret, sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { type Scenario, scenario } from '../introspection/scenario.ts';
import { openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSeconds } from '../support/world.ts';
import { commandsOn, freshEmail, type Run } from './operators.ts';

const db = forAllTests(openDb);
let run: Run;
const operator = freshEmail();
beforeAll(async () => {
  run = commandsOn(db, 'https://usher.test', true);
  await run('operator', 'add', operator);
});

type Change = [sql: string, value: unknown];

describe('token inspect', () => {
  test('a token that works: whose it is, of which application, until when', async () => {
    const { alice, app, token } = await scenario(db);
    const told = await run('token', 'inspect', token);
    expect(told).toMatchObject({
      works: 'yes',
      reason: undefined,
      kind: 'access token',
      client_id: app.id,
      email: alice['email'],
    });
    expect(JSON.stringify(told)).not.toContain(token);
  });

  test.each<[reason: string, change: (scene: Scenario) => Change]>([
    [
      'expired',
      ({ token }) => [
        `update tokens set issued_at = now() - interval '2 hours',
           expires_at = now() - interval '1 hour' where id = $1`,
        sha256(token),
      ],
    ],
    [
      'spent',
      ({ token }) => ['update tokens set consumed_at = now() where id = $1', sha256(token)],
    ],
    [
      'account_not_active',
      ({ alice }) => [`update accounts set status = 'suspended' where id = $1`, alice.id],
    ],
    [
      'application_suspended',
      ({ app }) => [`update clients set status = 'suspended' where id = $1`, app.id],
    ],
    ['not_stored', ({ grant }) => ['delete from grants where id = $1', grant.id]],
  ])('%s, which a resource server is not told', async (reason, change) => {
    const scene = await scenario(db);
    const [sql, value] = change(scene);
    await scene.world.run(sql, [value]);
    expect(await run('token', 'inspect', scene.token)).toMatchObject({ works: 'no', reason });
    for (const resource of [undefined, 'user']) {
      expect(await scene.ask(resource)).toStrictEqual({ active: false });
    }
  });

  test('a text that is no whole token, and one that was never issued', async () => {
    const known = randomSecret('usher_at_');
    expect(await run('token', 'inspect', known.slice(0, -1))).toMatchObject({
      works: 'no',
      reason: 'malformed',
    });
    expect(await run('token', 'inspect', known)).toMatchObject({ reason: 'not_stored' });
  });

  test('it need not stand on the command line: from the standard input, or from a file', async () => {
    const { token } = await scenario(db);
    const piped = commandsOn(db, 'https://usher.test', true, () => `${token}\n`);
    const as = ['--as', operator];
    expect(await piped('token', 'inspect', ...as)).toMatchObject({ works: 'yes' });
    expect(await piped('token', 'inspect', '-', ...as)).toMatchObject({ works: 'yes' });
    const directory = mkdtempSync(join(tmpdir(), 'usher-token-'));
    const file = join(directory, 'token.txt');
    writeFileSync(file, token);
    expect(await run('token', 'inspect', '--file', file, ...as)).toMatchObject({ works: 'yes' });
    for (const words of [['--file', join(directory, 'none')], ['--file', file, token], ['-']]) {
      const attempt = run('token', 'inspect', ...words, ...as); // its input is empty
      await expect(attempt).rejects.toMatchObject({ exitCode: 2 });
    }
    expect(await piped('token', 'revoke', '-', ...as)).toMatchObject({ outcome: 'deleted' });
    rmSync(directory, { recursive: true });
  });

  test('only operators may', async () => {
    const other = freshEmail();
    await run('operator', 'add', other);
    await run('operator', 'remove', other);
    for (const verb of ['inspect', 'revoke']) {
      const attempt = run('token', verb, randomSecret('usher_at_'), '--as', other);
      await expect(attempt).rejects.toMatchObject({ exitCode: 4 });
    }
  });
});

describe('token revoke', () => {
  test('ends the grant with all its tokens, and no other; the audit log has no token', async () => {
    const { api, app, ask, consent, grant, token, world } = await scenario(db);
    const sibling = await world.token(grant, { kind: 'RefreshToken' });
    const other = await world.token(await world.grant(consent));
    expect(await run('token', 'revoke', token)).toMatchObject({ outcome: 'deleted' });
    expect(await ask()).toEqual({ active: false });
    expect(await run('token', 'inspect', sibling)).toMatchObject({ reason: 'not_stored' });
    expect(await run('token', 'inspect', other)).toMatchObject({ works: 'yes' });
    const [event] = await db.query<{ text: string }>(
      statement(`select e::text as text from audit_events e
        where action = 'token.revoked' and subject = $1`),
      [app.id],
    );
    expect(event?.text).not.toContain(token);
    await expect(run('token', 'revoke', token)).rejects.toMatchObject({ exitCode: 3 });
    expect(api.id).not.toBe(app.id);
  });

  test('a service token, behind which no person stands', async () => {
    const { world } = await scenario(db);
    const client = await world.client({ auth_method: 'private_key_jwt' });
    const token = randomSecret('usher_st_');
    await world.run(
      `insert into tokens (id, kind, client_id, payload, expires_at)
       values ($1, 'ClientCredentials', $2, '{}', $3)`,
      [sha256(token), client.id, inSeconds(60)],
    );
    expect(await run('token', 'inspect', token)).toMatchObject({
      works: 'yes',
      kind: 'service token',
    });
    await run('token', 'revoke', token);
    expect(await run('token', 'inspect', token)).toMatchObject({ works: 'no' });
  });
});
