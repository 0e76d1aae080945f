/**
 * Whoever sends a body slowly is asked again when it is there: the pages' session, the secret of a
 * resource server, the registration access token of an application.
 */

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { openDatabase, statement } from '../../src/storage/engine/database.ts';
import { emailOf, makeAccount } from '../organizations/world.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { sendHeld } from '../support/held-request.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { allow, authorizationRequest, demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const server = forAllTests(startTestServer);

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  server.database.db.query<Row>(statement(sql), values);

const password = 'a long password for tests';

async function signedIn(): Promise<{ accountId: string; agent: UserAgent }> {
  const accountId = await makeAccount(server.database.db);
  const hash = await hashPassword(password);
  await run('update accounts set password_hash = $2 where id = $1', accountId, hash);
  const agent = createUserAgent(server.issuer);
  await signInBy(agent, emailOf(accountId), password);
  return { accountId, agent };
}

/** A form of a page that is open, as a request. */
async function formOf(agent: UserAgent, page: string, fields: Record<string, string>) {
  const { html } = await agent.get(page);
  const token = /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', headers, body: new URLSearchParams({ token, ...fields }).toString() };
}

const newPassword = {
  current_password: password,
  new_password: 'another long password',
  repeated_password: 'another long password',
};

const hashOf = async (accountId: string) =>
  (
    await run<{ hash: string }>(
      'select password_hash as hash from accounts where id = $1',
      accountId,
    )
  )[0]?.hash;

describe('a page’s form', () => {
  test.each([
    ['a new password', '/account', '/account/password', newPassword],
    ['ending other sessions', '/account', '/account/sessions', {}],
    [
      'withdrawing',
      '/account/applications',
      '/account/applications/withdraw',
      { client_id: 'demo-app' },
    ],
  ])('%s: the session ended while the body came', async (_what, page, action, fields) => {
    const { accountId, agent } = await signedIn();
    const before = await hashOf(accountId);
    const form = await formOf(agent, page, fields);
    const { status } = await sendHeld(server.issuer + action, form, () =>
      run('delete from sessions where account_id = $1', accountId),
    );
    expect([status, await hashOf(accountId)]).toEqual([403, before]);
  });

  test(
    ...onlyOnPostgres(
      'the session ended while the password was being checked',
      'the embedded database runs one transaction at a time',
    ),
    async () => {
      const { accountId, agent } = await signedIn();
      const before = await hashOf(accountId);
      const { method, headers, body } = await formOf(agent, '/account', newPassword);
      const other = openDatabase(server.database.address);
      let answer: Promise<Response> | undefined;
      await other.run(async (tx) => {
        await tx.query(statement('select from accounts where id = $1 for no key update'), [
          accountId,
        ]);
        answer = fetch(`${server.issuer}/account/password`, { method, headers, body });
        await expect
          .poll(
            async () =>
              (
                await run(
                  `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
                )
              ).length,
            { timeout: 20_000 },
          )
          .toBeGreaterThan(0);
        await tx.query(statement('delete from sessions where account_id = $1'), [accountId]);
      });
      await other.close();
      expect([(await answer)?.status, await hashOf(accountId)]).toEqual([403, before]);
    },
  );
});

test('an ended session allows nothing on a consent page that is still open', async () => {
  const { accountId, agent } = await signedIn();
  const { url } = authorizationRequest(server, demoApp, 'user:read_user');
  const page = await agent.get(url);
  expect(page.html).toContain('data-consent');
  const consents = () => run('select from consents where account_id = $1', accountId);
  await run('delete from sessions where account_id = $1', accountId);
  const answer = await allow(agent, page);
  expect([answer.url.includes('code='), (await consents()).length]).toEqual([false, 0]);
});

describe('the decisions API', () => {
  async function resourceServer() {
    const id = `rs-${randomUUID()}`;
    const secret = `secret-${randomUUID()}`;
    await run(
      `insert into clients (id, name, auth_method, resource_server)
       values ($1, 'A resource server', 'client_secret_basic', 'platform')`,
      id,
    );
    await addClientSecret(server.database.db, id, secret);
    recordSecret('secret', secret);
    const credentials = Buffer.from(`${id}:${secret}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/json' };
    return { id, headers };
  }

  const question = { token: `usher_at_${'x'.repeat(20)}` };
  const bodies = {
    introspections: (size: number) => ({ questions: Array(size).fill(question) }),
    evaluation: () => ({
      subject: { type: 'access_token', id: question.token },
      action: { name: 'database:read_database' },
      resource: { type: 'database', id: 'external:nothing' },
    }),
    evaluations: (size: number) => ({ evaluations: Array(size).fill(bodies.evaluation()) }),
  };

  test.each([
    [
      'introspections',
      'its secret is taken back',
      'delete from client_secrets where client_id = $1',
    ],
    ['introspections', 'it is suspended', `update clients set status = 'suspended' where id = $1`],
    ['evaluation', 'its secret is taken back', 'delete from client_secrets where client_id = $1'],
    ['evaluation', 'it is suspended', `update clients set status = 'suspended' where id = $1`],
    [
      'evaluations',
      'it is no resource server any more',
      'update clients set resource_server = null where id = $1',
    ],
  ] as const)('%s: %s while the body came', async (path, _what, end) => {
    for (const size of [1, 200]) {
      const url = `${server.issuer}/access/v1/${path}`;
      const { id, headers } = await resourceServer();
      const request = { method: 'POST', headers, body: JSON.stringify(bodies[path](size)) };
      const { status } = await sendHeld(url, request, () => run(end, id));
      expect(status).toBe(401);
      const alive = await resourceServer();
      const answer = await sendHeld(url, { ...request, headers: alive.headers }, async () => {});
      expect(answer.status).toBe(200);
    }
  });
});

describe('an application that manages itself', () => {
  async function registered() {
    const response = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://app.test/callback'], client_name: 'Mine' }),
    });
    const answer = (await response.json()) as Record<string, string>;
    const { client_id: id = '', registration_access_token: token = '' } = answer;
    recordSecret('registration access token', token);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const metadata = {
      client_id: id,
      redirect_uris: ['https://app.test/callback'],
      client_name: 'Renamed',
    };
    return {
      id,
      url: `${server.issuer}/oauth/register/${id}`,
      headers,
      body: JSON.stringify(metadata),
    };
  }

  test.each([
    ['its token is replaced', 401, `delete from provider_records where client_id = $1`],
    ['it is suspended', 403, `update clients set status = 'suspended' where id = $1`],
    ['it is deleted', 401, `delete from clients where id = $1`],
  ])('%s while the body came: %i', async (_what, status, end) => {
    const { id, url, headers, body } = await registered();
    const answer = await sendHeld(url, { method: 'PUT', headers, body }, () => run(end, id));
    expect(answer.status).toBe(status);
    const [row] = await run<{ name: string }>('select name from clients where id = $1', id);
    expect(row?.name).not.toBe('Renamed');
  });
});
