/** The platform's service client: made by an operator, a token by its own key, ten minutes, one scope. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '../../src/accounts/sign-in.ts';
import { CommandError } from '../../src/operator/command.ts';
import { runCommand } from '../../src/operator/run.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { emailOf, makeAccount, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoApi, introspectAs, readAnswer } from '../support/oauth.ts';
import { testUsherKey } from '../support/server.ts';
import { printed, requestOf, startApi } from './api-server.ts';

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
const directory = mkdtempSync(join(tmpdir(), 'usher-operator-'));
const keyFile = join(directory, 'public.json');

const api = forAllTests(startApi);
const world = forAllTests(() => makeWorld(api.db));
let operator: string;
let clientId: string;

beforeAll(async () => {
  operator = emailOf(await makeAccount(api.db));
  writeFileSync(keyFile, JSON.stringify(await exportJWK(publicKey)));
  await run('operator', 'add', operator);
  const made = await run('service-client', 'add', 'The platform', keyFile);
  clientId = String(made['client_id']);
});

function run(...args: string[]) {
  const inTheName = args[0] === 'operator' ? [] : ['--as', operator];
  return runAs([...args, ...inTheName]);
}

function runAs(args: readonly string[]) {
  const context = {
    database: api.db,
    issuer: api.issuer,
    production: false,
    usherKey: () => testUsherKey,
  };
  return runCommand(context, args);
}

/** Asks for a token; `change` adds, replaces or (undefined) leaves out parameters. */
async function ask(
  change: Record<string, string | undefined> = {},
  key = privateKey,
  path = '/oauth/token',
) {
  const now = Math.floor(Date.now() / 1000);
  const assertion = await new SignJWT({
    iss: clientId,
    sub: clientId,
    aud: api.issuer,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
  })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(key);
  const fields = {
    grant_type: 'client_credentials',
    scope: 'platform:sync',
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...change,
  };
  const sent = Object.entries(fields).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return readAnswer(
    await fetch(api.issuer + path, { method: 'POST', body: new URLSearchParams(sent) }),
  );
}

describe('the token', () => {
  test('is given for ten minutes, and opens the API', async () => {
    const { status, body } = await ask();
    expect([status, body.token_type, body.expires_in, body.scope]).toEqual([
      200,
      'Bearer',
      600,
      'platform:sync',
    ]);
    expect(body.access_token).toMatch(/^usher_st_/);
    const service = api.withHeaders({ authorization: `Bearer ${body.access_token}` });
    const read = await service.send(requestOf('readOrganization', printed(world.ids)));
    expect(read.status).toBe(200);
    const [row] = await api.db.query<{ left: number }>(
      statement(`select extract(epoch from expires_at - now())::int as left
                   from tokens where kind = 'ClientCredentials' order by issued_at desc limit 1`),
    );
    expect(row?.left).toBeLessThanOrEqual(600);
  });

  test('says nothing to a resource server', async () => {
    const { body } = await ask();
    expect(await introspectAs(api, demoApi, body.access_token)).toEqual({ active: false });
  });

  test.each([
    ['no scope', undefined],
    ['a scope of the catalogue', 'organization:delete_organization'],
    ['its scope and one more', 'platform:sync organization:delete_organization'],
    ['an unknown scope', 'platform:everything'],
  ])('is not given for %s', async (_what, scope) => {
    const { status, body } = await ask({ scope });
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
  });

  test('is not given for another key', async () => {
    const other = await generateKeyPair('ES256');
    expect((await ask({}, other.privateKey)).status).toBe(401);
  });

  test('is not given to any other client', async () => {
    const secret = Buffer.from('demo-app:demo-app-secret').toString('base64');
    const response = await fetch(`${api.issuer}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${secret}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'platform:sync' }),
    });
    const { status, body } = await readAnswer(response);
    expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });

  test('ends with the suspension of the client, and comes back with it', async () => {
    const { body } = await ask();
    const service = api.withHeaders({ authorization: `Bearer ${body.access_token}` });
    const read = () => service.send(requestOf('readOrganization', printed(world.ids)));
    await run('application', 'suspend', clientId);
    expect((await read()).status).toBe(401);
    expect((await ask()).status).toBe(401);
    await run('application', 'reinstate', clientId);
    expect((await read()).status).toBe(200);
  });

  test('can be revoked', async () => {
    const { body } = await ask();
    const revoked = { grant_type: undefined, scope: undefined, token: body.access_token };
    expect((await ask(revoked, privateKey, '/oauth/revoke')).status).toBe(200);
    const service = api.withHeaders({ authorization: `Bearer ${body.access_token}` });
    expect((await service.send('GET /user')).status).toBe(401);
  });
});

describe('the command line', () => {
  test('suspends an account and lets it go on', async () => {
    const { accounts } = world;
    const member = await api.inBrowser(accounts.member);
    await run('account', 'suspend', emailOf(accounts.member));
    expect((await member.send('GET /user')).status).toBe(401);
    await run('account', 'reinstate', emailOf(accounts.member));
    expect((await member.send('GET /user')).status).toBe(401); // its session ended for good
    const again = await api.inBrowser(accounts.member);
    expect((await again.send('GET /user')).status).toBe(200);
  });

  test('makes a platform resource server, whose secret is told once', async () => {
    const made = await run('resource-server', 'add', 'Vault');
    expect(made['client_secret']).toMatch(/^usher_cs_/);
  });

  test('names the first operator of a database without accounts', async () => {
    const first = `first-${randomUUID()}@example.test`;
    const made = { outcome: 'changed', account: 'made', link: expect.any(String) };
    expect(await run('operator', 'add', first)).toMatchObject(made);
    const again = await run('operator', 'add', first.toUpperCase());
    expect(again).toMatchObject({ outcome: 'changed', account: 'found' });
    const act = ['application', 'suspend', clientId, '--as', first];
    expect(await runAs(act)).toMatchObject({ outcome: 'changed' });
    const undo = ['application', 'reinstate', clientId, '--as', first];
    expect(await runAs(undo)).toMatchObject({
      outcome: 'changed',
    });
    const origin = { address: '192.0.2.1', userAgent: undefined };
    for (const password of ['', first]) {
      const attempt = { db: api.db, email: first, password, origin, knownDevice: undefined };
      expect(await signIn(attempt)).toEqual({ outcome: 'refused' });
    }
    await run('operator', 'remove', first);
    await expect(runAs(act)).rejects.toThrow('not_allowed');
  });

  test.each([
    ['nothing', []],
    ['an address that is none', ['operator', 'add', 'somebody']],
    ['an unknown command', ['application', 'explode', 'x']],
    ['an unknown option', ['account', 'suspend', 'x', '--force']],
    ['no account', ['account', 'suspend', 'nobody@example.test']],
    ['no file', ['service-client', 'add', 'Name', '/nowhere/key.json']],
    ['a name that hides something', ['service-client', 'add', 'a\u202eb', keyFile]],
  ])('refuses %s', async (_what, args) => {
    await expect(run(...args)).rejects.toThrow(CommandError);
  });

  test('does nothing in the name of somebody who is no operator', async () => {
    const stranger = emailOf(world.accounts.admin);
    const attempt = runAs(['application', 'suspend', clientId, '--as', stranger]);
    await expect(attempt).rejects.toThrow('not_allowed');
  });

  test('does not take a private key', async () => {
    const file = join(directory, 'private.json');
    writeFileSync(file, JSON.stringify(await exportJWK(privateKey)));
    await expect(run('service-client', 'add', 'Name', file)).rejects.toThrow('private');
  });
});
