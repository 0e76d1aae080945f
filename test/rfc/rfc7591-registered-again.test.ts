/** The same registration from the same network gives out the same public client, and costs no attempt. */

import { describe, expect, test } from 'vitest';
import { run, startRegistrationServer } from '../applications/registration-server.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const host = {
  client_name: 'Cursor',
  redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
};
const here = { 'x-test-address': '198.51.100.7' };
const elsewhere = { 'x-test-address': '198.51.100.8' };

const server = forAllTests(() => startRegistrationServer({ attemptsPerHour: 3 }));

const register = (change = {}, headers: Record<string, string> = here) =>
  server.send('/oauth/register', { method: 'POST', headers, body: { ...host, ...change } });

describe('registered again', () => {
  test('by a thousand machines behind one address it is one client', async () => {
    const first = await register();
    const count = () => run(server.db, 'select count(*)::int as clients from clients');
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 40 }, () => register()));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(201));
    const ids = new Set(answers.map(({ body }) => body['client_id']));
    expect([...ids]).toEqual([first.body['client_id']]);
    expect(await count()).toEqual(before);
    for (const { body } of answers) {
      expect(body['registration_client_uri']).toBe(first.body['registration_client_uri']);
      expect(body).not.toHaveProperty('client_secret');
    }
  });

  test('at the same moment for the first time, too', async () => {
    const fresh = { client_name: 'At once' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => register(fresh, { 'x-test-address': '198.51.100.9' })),
    );
    expect(new Set(answers.map(({ body }) => body['client_id'] ?? 'throttled')).size).toBeLessThan(
      3,
    );
    const rows = await run(server.db, `select id from clients where name = 'At once'`);
    expect(rows).toHaveLength(1);
  });

  test('by another network, with other metadata or with a secret, it is another client', async () => {
    const { body: one } = await register();
    for (const answer of [
      await register({}, elsewhere),
      await register({ client_name: 'Cursor 2' }),
      await register({ token_endpoint_auth_method: 'client_secret_post' }),
    ]) {
      expect(answer.status).toBe(201);
      expect(answer.body['client_id']).not.toBe(one['client_id']);
    }
    const secret = await register({ token_endpoint_auth_method: 'client_secret_post' }, elsewhere);
    const again = await register({ token_endpoint_auth_method: 'client_secret_post' }, elsewhere);
    expect(secret.body['client_id']).not.toBe(again.body['client_id']);
  });

  test('nobody changes or removes it for the others', async () => {
    const { body } = await register();
    const path = new URL(String(body['registration_client_uri'])).pathname;
    const token = String(body['registration_access_token']);
    expect((await server.send(path, { token })).status).toBe(200);
    const change = { ...host, client_id: body['client_id'], redirect_uris: ['https://evil.test/'] };
    const put = await server.send(path, {
      method: 'PUT',
      token,
      headers: { 'x-test-address': '198.51.100.40' },
      body: change,
    });
    expect(put).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect((await server.send(path, { method: 'DELETE', token })).status).toBe(403);
    expect((await register()).body['redirect_uris']).toEqual(host.redirect_uris);
  });

  test('one that was changed, or is suspended, is not given out any more', async () => {
    const headers = { 'x-test-address': '198.51.100.20' };
    const { body } = await register({}, headers);
    const path = new URL(String(body['registration_client_uri'])).pathname;
    const changed = { ...host, client_id: body['client_id'], client_name: 'Mine' };
    const token = String(body['registration_access_token']);
    const put = await server.send(path, { method: 'PUT', token, headers, body: changed });
    expect(put.status).toBe(200);
    const other = await register({}, headers);
    expect(other.body['client_id']).not.toBe(body['client_id']);
    await run(
      server.db,
      `update clients set status = 'suspended' where id = $1`,
      other.body['client_id'],
    );
    const third = await register({}, { 'x-test-address': '198.51.100.20' });
    expect(third.status).not.toBe(500);
    expect(third.body['client_id']).not.toBe(other.body['client_id']);
  });
});

test('what is new, and what is refused, counts; what is known does not', async () => {
  const headers = { 'x-test-address': '198.51.100.30' };
  const statuses = [];
  for (const change of [
    {},
    {},
    {},
    {},
    { redirect_uris: ['http://evil.test/'] },
    { client_name: 'Another' },
    { client_name: 'One more' },
    {},
  ]) {
    statuses.push((await register(change, headers)).status);
  }
  expect(statuses).toEqual([201, 201, 201, 201, 400, 201, 429, 201]);
});
