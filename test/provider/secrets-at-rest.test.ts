/**
 * The database gives nobody away: after flows that issue every kind of secret, none stands in a
 * table or in a dump. (Every other test server looks for its own when it closes.)
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadKeyring } from '../../src/provider/keyring.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { issuedKinds, recordSecret, secretsAtRest, secretsIn } from '../support/issued-secrets.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  demoApi,
  demoApp,
  introspectAs,
  post,
  readAnswer,
  redeem,
  refresh,
  signInFor,
} from '../support/oauth.ts';
import { startTestServer, testUsherKey } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'openid email database:read_database';
const server = forAllTests(startTestServer);

beforeAll(async () => {
  await recordKeys();
  await finishedFlow();
  await pushedFlowWithSecretInBody();
  await unfinishedFlow();
  await register();
});

async function recordKeys(): Promise<void> {
  const { signing, cookie, form } = await loadKeyring(server.database.db, testUsherKey);
  for (const { d } of signing) recordSecret('signing key', String(d));
  for (const key of cookie) recordSecret('cookie key', key);
  recordSecret('form key', form.toString('latin1'));
}

async function finishedFlow(): Promise<void> {
  const agent = createUserAgent(server.issuer);
  const { url, verifier } = authorizationRequest(server, demoApp, scope, { nonce: 'n' });
  const page = await signInFor(agent, url, dba);
  const code = callbackOf(await allow(agent, page, ['acme/shop'])).get('code') ?? '';
  const { body } = await redeem(server, demoApp, code, verifier);
  const { body: rotated } = await refresh(server, demoApp, body.refresh_token);
  await refresh(server, demoApp, body.refresh_token);
  expect((await introspectAs(server, demoApi, rotated.access_token)).active).toBe(true);
}

/** `client_secret_post` at PAR, a proof of possession, and the code left unredeemed. */
async function pushedFlowWithSecretInBody(): Promise<void> {
  const { url } = authorizationRequest(server, demoApp, scope, { client_id: demoApp.id });
  const fields = {
    ...Object.fromEntries(new URL(url).searchParams),
    client_secret: demoApp.secret ?? '',
  };
  const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/par`);
  const anyone = { id: '', secret: undefined, redirectUri: '' };
  const { status, body } = await post(server, '/oauth/par', anyone, fields, proof);
  expect(status).toBe(201);
  const query = new URLSearchParams({ client_id: demoApp.id, request_uri: body.request_uri });
  const agent = createUserAgent(server.issuer);
  const { url: back } = await signInFor(agent, `${server.issuer}/oauth/authorize?${query}`, dba);
  expect(back).toContain('code=');
}

/** One stops at the sign-in, one at the consent page. */
async function unfinishedFlow(): Promise<void> {
  const { url } = authorizationRequest(server, demoApp, 'database:delete_database');
  await createUserAgent(server.issuer).get(url);
  await signInFor(createUserAgent(server.issuer), url, dba);
}

async function register(): Promise<void> {
  const metadata = { client_name: 'Backup runner', redirect_uris: [demoApp.redirectUri], scope };
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  expect(await readAnswer(response)).toMatchObject({ status: 201 });
}

test('every kind of secret was issued', () => {
  expect([...issuedKinds()]).toEqual(
    expect.arrayContaining([
      'code',
      'access_token',
      'refresh_token',
      'id_token',
      'request_uri',
      'client_secret',
      'registration_access_token',
      'signing key',
      'cookie key',
      'form key',
      'cookie usher_session',
      'cookie usher_resume',
      'setting',
    ]),
  );
});

test('none of them stands in a table', async () => {
  expect(await secretsAtRest(server.database.db)).toEqual([]);
});

test(...onlyOnPostgres('none of them stands in a dump', 'pg_dump needs PostgreSQL'), async () => {
  const url = server.database.address.connection.connectionString ?? '';
  const { stdout } = await promisify(execFile)('pg_dump', [url], { maxBuffer: 2 ** 28 });
  expect(stdout).toContain('COPY public.tokens');
  expect(secretsIn(stdout)).toEqual([]);
});

describe('the search finds what it looks for', () => {
  test.each([
    ['a text', `update clients set name = $1::text where id = 'tiny-app'`],
    ['JSON', `update sessions set payload = jsonb_build_object('x', $1::text)`],
    ['bytes', `update refresh_retries set answer = convert_to($1::text, 'UTF8')`],
  ])('in %s', async (_, sql) => {
    recordSecret('planted', 'planted-secret-0123456789');
    const { db } = server.database;
    const undo = new Error('undo');
    const found = db.run(async (tx) => {
      await tx.query(statement(sql), ['planted-secret-0123456789']);
      expect(await secretsAtRest(tx)).toContainEqual(expect.stringMatching(/: planted$/));
      throw undo;
    });
    await expect(found).rejects.toBe(undo);
  });
});
