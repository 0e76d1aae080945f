/** The example API in front of Usher: a right that is taken away is gone at the next request. */

import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { createResourceServer } from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp, obtainTokens, post, vaultApi } from '../support/oauth.ts';
import { createFetchApi } from './example/fetch-api.ts';
import { createKoaApi } from './example/koa-api.ts';
import { asDemoApi, branchScopes, openSetting, printedId, tokenFor } from './setting.ts';

const setting = forAllTests(openSetting);
let staging: string;
let main: string;
let shop: string;

beforeAll(async () => {
  const { usher } = setting;
  staging = await printedId(usher, 'acme/shop/staging');
  main = await printedId(usher, 'acme/shop/main');
  shop = await printedId(usher, 'acme/shop');
});

/** Calls the example. */
async function call(path: string, token?: string, init: RequestInit = {}) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${setting.api.url}${path}`, {
    ...init,
    headers: { ...authorization, ...init.headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    headers: response.headers,
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

function run(sql: string, ...values: unknown[]) {
  return setting.usher.database.db.query(statement(sql), values);
}

describe('a developer who allowed an application to use branches of shop', () => {
  let token: string;

  beforeAll(async () => {
    token = await tokenFor(setting.usher, 'developer@acme.test', branchScopes, ['acme/shop']);
  });

  test('writes and reads a note, kept under the id of the branch', async () => {
    const written = await call(`/branches/${staging}/note`, token, {
      method: 'PUT',
      body: 'hello',
    });
    expect(written.status).toBe(204);
    expect(await call(`/branches/${staging}/note`, token)).toMatchObject({
      status: 200,
      body: {
        branch: 'organizations/acme/databases/shop/branches/staging',
        reader: 'developer@acme.test',
        note: 'hello',
      },
    });
  });

  test('lists: what holds on something under the database is enough', async () => {
    expect(await call(`/databases/${shop}/branches`, token)).toMatchObject({
      status: 200,
      body: { database: 'organizations/acme/databases/shop' },
    });
  });

  test('cannot delete on a production branch, and is told which scope is missing', async () => {
    const { status, challenge, body } = await call(`/branches/${main}/note`, token, {
      method: 'DELETE',
    });
    expect({ status, body }).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="database:delete_branches"');
    expect(challenge).toContain(
      `resource_metadata="${setting.api.url}/.well-known/oauth-protected-resource"`,
    );
  });

  test.each([
    ['a branch of another database', () => printedId(setting.usher, 'acme/analytics/dev')],
    ['a branch of another organization', () => printedId(setting.usher, 'vault/ledger/main')],
    ['a branch that is not there', async () => `br_${'0'.repeat(32)}`],
    ['no branch but the database itself', async () => shop],
    ['something that is no name at all', async () => 'organizations%2F..%2Fvault%00'],
  ])('%s looks like any other that is not there: 404 or 403', async (_what, idOf) => {
    const path = `/branches/${await idOf()}/note`;
    const read = await call(path, token);
    expect([read.status, read.body]).toEqual([
      404,
      { error: 'not_found', error_description: 'There is nothing here.' },
    ]);
    expect(read.challenge).toBeNull();
    const write = await call(path, token, { method: 'PUT', body: 'x' });
    expect(write.status).toBe(403);
    expect(write.challenge).toContain('scope="database:write_branches"');
  });
});

describe('without a token that counts', () => {
  test.each<[what: string, init: RequestInit, query: string]>([
    ['nothing at all', {}, ''],
    ['another scheme', { headers: { authorization: 'Basic ZGVtbzpkZW1v' } }, ''],
    ['a token in the query', {}, '?access_token=usher_at_x'],
  ])('%s: a challenge without an error', async (_what, init, query) => {
    const { status, challenge } = await call(`/branches/${main}/note${query}`, undefined, init);
    expect(status).toBe(401);
    const { url } = setting.api;
    expect(challenge).toBe(
      `Bearer realm="${url}", resource_metadata="${url}/.well-known/oauth-protected-resource"`,
    );
  });

  test.each(['Bearer', 'Bearer a b', 'Bearer usher_at_never', 'DPoP usher_at_never'])(
    '"%s": invalid_token',
    async (authorization) => {
      const headers = { authorization };
      const { status, challenge } = await call(`/branches/${main}/note`, undefined, { headers });
      expect(status).toBe(401);
      expect(challenge).toContain('error="invalid_token"');
    },
  );

  test('two Authorization headers: invalid_token, whichever of them would do', async () => {
    const token = await tokenFor(setting.usher, 'dba@acme.test', branchScopes, ['acme/shop']);
    const path = `/branches/${main}/note`;
    expect((await call(path, token)).status).toBe(200);
    const headers = [
      ['authorization', `Bearer ${token}`],
      ['authorization', 'Bearer other'],
    ] satisfies [string, string][];
    expect((await call(path, undefined, { headers })).status).toBe(401);
  });

  test('a refresh token is none', async () => {
    const { usher } = setting;
    await consentTo(usher, demoApp, 'dba@acme.test', branchScopes, ['acme/shop']);
    const tokens = await obtainTokens(usher, demoApp, 'dba@acme.test', branchScopes);
    const refreshToken = tokens.refresh_token;
    expect((await call(`/branches/${main}/note`, refreshToken)).status).toBe(401);
  });
});

describe('taken away, gone at the next request', () => {
  test('the role', async () => {
    const { usher } = setting;
    const token = await tokenFor(usher, 'dba@acme.test', branchScopes, ['acme/shop']);
    const write = () => call(`/branches/${main}/note`, token, { method: 'PUT', body: 'hello' });
    expect((await write()).status).toBe(204);
    await run(`delete from database_roles where account_id =
      (select id from accounts where email = 'dba@acme.test')`);
    expect((await write()).status).toBe(403);
    expect((await call(`/branches/${main}/note`, token)).status).toBe(200);
  });

  test('the membership', async () => {
    const { usher } = setting;
    const scope = 'database:read_branches';
    const token = await tokenFor(usher, 'reader@vault.test', scope, ['vault/ledger']);
    const path = `/branches/${await printedId(usher, 'vault/ledger/audit')}/note`;
    expect((await call(path, token)).status).toBe(200);
    await run(`delete from organization_members where account_id =
      (select id from accounts where email = 'reader@vault.test')`);
    expect((await call(path, token)).status).toBe(404);
  });

  test('the token', async () => {
    const { usher } = setting;
    const token = await tokenFor(usher, 'member@acme.test', 'database:read_branches', [
      'acme/shop',
    ]);
    expect((await call(`/branches/${main}/note`, token)).status).toBe(200);
    expect((await post(usher, '/oauth/revoke', demoApp, { token })).status).toBe(200);
    const { status, challenge } = await call(`/branches/${main}/note`, token);
    expect(status).toBe(401);
    expect(challenge).toContain('error="invalid_token"');
  });
});

test('over HTTP/2 as well', async () => {
  const token = await tokenFor(setting.usher, 'dba@acme.test', branchScopes, ['acme/shop']);
  const { server } = setting.api;
  const listener = createServer(createKoaApi(server).callback()).listen(0, 'localhost');
  await once(listener, 'listening');
  const session = connect(`http://localhost:${(listener.address() as AddressInfo).port}`);
  const path = `/branches/${main}/note`;
  const ask = async (...authorization: string[]) => {
    const stream = session.request({ ':path': path, authorization: authorization as never });
    const [headers] = await once(stream, 'response');
    stream.resume();
    return headers[':status'];
  };
  expect(await ask(`Bearer ${token}`)).toBe(200);
  expect(await ask('Bearer usher_at_never')).toBe(401);
  expect(await ask()).toBe(401);
  session.close();
  listener.close();
});

describe('with the Fetch API, by slug paths', () => {
  const scope = 'database:read_database database:read_backups';
  const shopUrl = 'https://api.test/organizations/acme/databases/shop';
  let handle: ReturnType<typeof createFetchApi>;
  let token: string;

  beforeAll(async () => {
    const { usher } = setting;
    handle = createFetchApi(createResourceServer({ ...asDemoApi(usher), url: 'https://api.test' }));
    token = await tokenFor(usher, 'consultant@vault.test', scope, ['acme/shop']);
  });

  function send(url: string, method = 'GET', bearer = token): Response | Promise<Response> {
    return handle(new Request(url, { method, headers: { authorization: `Bearer ${bearer}` } }));
  }

  test('reads', async () => {
    const response = await send(shopUrl);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      read: { type: 'database', identifier: shop, path: 'organizations/acme/databases/shop' },
    });
  });

  test('lists what is under it', async () => {
    expect((await send(`${shopUrl}/backups`)).status).toBe(200);
  });

  test('of two scopes, the one that is missing is named', async () => {
    const response = await send(shopUrl, 'DELETE');
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="database:delete_database"');
  });

  test('a route that cannot name its resource asks nothing and answers 500', async () => {
    const failures: string[] = [];
    const server = createResourceServer({
      ...asDemoApi(setting.usher),
      onFailure: ({ code }) => failures.push(code),
    });
    for (const nameless of [undefined, '', null, 7]) {
      const guard = server.requireScope('database:read_database', {
        resource: () => nameless as string,
      });
      const headers = { authorization: `Bearer ${token}` };
      const verdict = await guard(new Request(shopUrl, { headers }));
      expect(verdict).toMatchObject({ ok: false, response: { status: 500 } });
    }
    expect(failures).toEqual(['no_resource', 'no_resource', 'no_resource', 'no_resource']);
    server.close();
  });

  test('a resource server of another organization gets nothing', async () => {
    const credentials = { clientId: vaultApi.id, clientSecret: vaultApi.secret };
    const server = createResourceServer({ ...asDemoApi(setting.usher), ...credentials });
    expect(await server.introspect(token, shop)).toEqual({ active: false });
    server.close();
  });
});

test('and when Usher stops, nothing is allowed any more: 503', async () => {
  const token = await tokenFor(setting.usher, 'developer@acme.test', branchScopes, ['acme/shop']);
  expect((await call(`/branches/${staging}/note`, token)).status).toBe(200);
  await setting.stopUsher();
  const { status, headers } = await call(`/branches/${staging}/note`, token);
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(setting.failures.map(({ code }) => code)).toEqual(['unreachable']);
});
