/** The database goes away: 503 and a time to try again, nothing half done, and no restart needed. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/lib/secrets.ts';
import { openDatabase, statement } from '../../src/storage/engine/database.ts';
import { callAccess } from '../support/access.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  obtainCode,
  obtainTokens,
  post,
  redeem,
  refresh,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type DatabaseProxy, startProxy } from '../support/tcp-proxy.ts';
import { isAlive } from '../support/token-rows.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const away = { status: 503, body: { error: 'temporarily_unavailable' } };
let server: TestServer;
let proxy: DatabaseProxy;
let agent: UserAgent;

beforeAll(async () => {
  server = await startTestServer({}, async (address) => {
    proxy = await startProxy(address);
    return proxy.address;
  });
  agent = createUserAgent(server.issuer);
  await consentTo(server, demoApp, dba, scope, ['acme/shop']);
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await server.close();
  await proxy.close();
});

/** An `Accept` that the fast path does not know. */
const introspectByLibrary = (token: string) =>
  post(server, '/oauth/introspect', demoApi, { token }, { accept: 'application/json;q=0.9' });

/** Java's default, which prefers a page: an answer that is no JSON fails where it is read. */
const byJava = { accept: 'text/html, image/gif, image/jpeg, */*; q=0.2' };

const tokens = () => obtainTokens(server, demoApp, dba, scope, agent);

test('every endpoint says so, and works again when it is back', async () => {
  const { access_token, refresh_token } = await tokens();
  const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
  const evaluation = {
    subject: { type: 'access_token', id: access_token },
    action: { name: scope },
    resource: { type: 'database', id: 'organizations/acme/databases/shop' },
  };
  const calls = {
    token: () => redeem(server, demoApp, code, verifier),
    refresh: () => refresh(server, demoApp, refresh_token),
    introspect: () => post(server, '/oauth/introspect', demoApi, { token: access_token }),
    introspectByLibrary: () => introspectByLibrary(access_token),
    evaluate: () => callAccess(server, 'evaluation', evaluation),
    introspectMany: () =>
      callAccess(server, 'introspections', { questions: [{ token: access_token }] }),
    pushed: () => post(server, '/oauth/par', demoApp, { client_id: demoApp.id }),
    ...Object.fromEntries(
      ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/par'].map((path) => [
        `${path} by Java`,
        () => post(server, path, demoApp, { grant_type: 'refresh_token', token: 'x' }, byJava),
      ]),
    ),
    revoke: () => post(server, '/oauth/revoke', demoApp, { token: access_token }),
  };
  proxy.cut();
  for (const [name, call] of Object.entries(calls)) {
    const answer = await call();
    expect({ name, ...answer }).toMatchObject(away);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  }
  proxy.restore();
  expect((await calls.token()).status).toBe(200);
  expect((await calls.refresh()).status).toBe(200);
  expect((await calls.introspect()).body.active).toBe(true);
  expect((await calls.evaluate()).body.decision).toBe(true);
  expect((await calls.introspectMany()).body.answers).toMatchObject([{ active: true }]);
  expect((await calls.revoke()).status).toBe(200);
  expect(await isAlive(server, access_token)).toBe(false);
});

test('introspection says so in the same words both ways', async () => {
  const { access_token: token } = await tokens();
  proxy.cut();
  const fast = await post(server, '/oauth/introspect', demoApi, { token });
  const library = await introspectByLibrary(token);
  expect(fast.body).toEqual(library.body);
  for (const name of ['retry-after', 'cache-control', 'content-type']) {
    expect([name, fast.headers.get(name)]).toEqual([name, library.headers.get(name)]);
  }
});

test('people get a page that says so', async () => {
  const { url } = authorizationRequest(server, demoApp, scope);
  proxy.cut();
  for (const address of [url, '/account', '/sign-in']) {
    const page = await agent.get(address);
    if (address === '/sign-in' && page.status === 200) continue; // needs no database for a stranger
    expect({ address, status: page.status }).toEqual({ address, status: 503 });
    expect(page.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(page.headers.get('content-type')).toContain('text/html');
  }
  expect((await agent.get('/readyz')).status).toBe(503);
  expect((await agent.get('/healthz')).status).toBe(200);
  proxy.restore();
  expect((await agent.get('/readyz')).status).toBe(200);
  expect((await agent.get(url)).url).toContain('code=');
});

/** What only the statement that stores tokens carries. */
const issuing = '"gty"';
const grantOf = statement('select grant_id from tokens where id = $1');

describe('the connection breaks inside a token request', () => {
  test('before the tokens are stored: nothing happened, and the code can be redeemed', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    proxy.cutAt(issuing, 'before');
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(away);
    proxy.restore();
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('after the commit of a refresh: the retry gets the tokens that were made', async () => {
    const held = await tokens();
    proxy.cutAt(issuing, 'after');
    expect(await refresh(server, demoApp, held.refresh_token)).toMatchObject(away);
    proxy.restore();
    const { status, body } = await refresh(server, demoApp, held.refresh_token);
    expect(status).toBe(200);
    expect(await isAlive(server, body.access_token)).toBe(true);
    expect((await refresh(server, demoApp, body.refresh_token)).status).toBe(200);
  });

  test('after the commit of a redemption: the second try is refused, and ends nothing', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    proxy.cutAt(issuing, 'after');
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(away);
    proxy.restore();
    expect((await redeem(server, demoApp, code, verifier)).body.error).toBe('invalid_grant');
  });

  test('before the commit of a revocation: nobody is told that it happened', async () => {
    const { access_token } = await tokens();
    const [row] = await server.database.db.query<{ grant_id: string }>(grantOf, [
      sha256(access_token),
    ]);
    proxy.cutAt(row?.grant_id ?? '', 'before');
    expect(await post(server, '/oauth/revoke', demoApp, { token: access_token })).toMatchObject(
      away,
    );
    proxy.restore();
    expect(await isAlive(server, access_token)).toBe(true);
  });
});

test('a connection that breaks between two statements of a transaction takes nothing down', async () => {
  const db = openDatabase(proxy.address);
  const one = statement('select 1 as one');
  const tx = await db.begin();
  await tx.query(one);
  proxy.cut();
  await new Promise((resolve) => setImmediate(resolve));
  await expect(tx.query(one)).rejects.toMatchObject({ code: 'database_unavailable' });
  await expect(tx.rollback()).rejects.toMatchObject({ code: 'database_unavailable' });
  proxy.restore();
  expect(await db.query(one)).toEqual([{ one: 1 }]);
  await db.close();
});
