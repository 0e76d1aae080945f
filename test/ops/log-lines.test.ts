/** What the log says of refused, broken and failed requests: enough to find who it was, and no flood. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoApi, demoApp, post } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { type DatabaseProxy, startProxy } from '../support/tcp-proxy.ts';
import { createUserAgent } from '../support/user-agent.ts';

interface Line {
  readonly level: number;
  readonly [name: string]: unknown;
}

const levels = { debug: 20, info: 30, warn: 40, error: 50 };
let lines: Line[] = [];
let server: TestServer;
let proxy: DatabaseProxy;
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(JSON.parse(chunk.toString()));
    done();
  },
});

beforeAll(async () => {
  const reach = async (address: Parameters<typeof startProxy>[0]) => {
    proxy = await startProxy(address);
    return proxy.address;
  };
  server = await startTestServer({}, reach, pino({ level: 'debug' }, sink));
});
afterEach(() => {
  proxy.restore();
  lines = [];
});
afterAll(async () => {
  await server.close();
  await proxy.close();
});

const refused = () => lines.filter(({ reason }) => reason !== undefined);
const refresh = { grant_type: 'refresh_token', refresh_token: 'usher_rt_nobody' };
const wrong = { ...demoApp, secret: 'usher_cs_a-wrong-secret' };

describe('a refused request is one line at info, with client, address and reason', () => {
  test.each([
    [
      'a wrong secret at the token endpoint',
      () => post(server, '/oauth/token', wrong, refresh),
      { status: 401, client: 'demo-app', reason: /^invalid_client: / },
    ],
    [
      'a wrong secret at introspection',
      () => post(server, '/oauth/introspect', wrong, { token: 'usher_at_1' }),
      { status: 401, client: 'demo-app', reason: /^invalid_client/ },
    ],
    [
      'a wrong secret at introspection through the library',
      () => post(server, '/oauth/introspect', wrong, { token: 'usher_at_2' }, { accept: 'text/*' }),
      { status: 401, client: 'demo-app', reason: /^invalid_client: / },
    ],
    [
      'a refresh token that is none',
      () => post(server, '/oauth/token', demoApp, refresh),
      { status: 400, client: 'demo-app', reason: /^invalid_grant: refresh token not found$/ },
    ],
    [
      'a wrong secret at the decisions API',
      () => post(server, '/access/v1/evaluation', wrong, {}),
      { status: 401, client: 'demo-app', reason: /^invalid_client/ },
    ],
    [
      'the management API without credentials',
      () => fetch(`${server.issuer}/api/v1/organizations`),
      { status: 401, reason: /./ },
    ],
  ])('%s', async (_what, send, { reason, ...rest }) => {
    await send();
    await expect.poll(() => refused().length).toBe(1);
    const [line] = refused();
    expect(line).toMatchObject({ level: levels.info, msg: 'request', ...rest });
    expect(line?.['reason']).toMatch(reason);
    expect(line?.['address']).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(JSON.stringify(lines)).not.toContain('a-wrong-secret');
  });

  test('a wrong password', async () => {
    const agent = createUserAgent(server.issuer);
    await signInBy(agent, 'member@acme.test', 'not-this-one');
    await expect.poll(refused).toMatchObject([{ status: 422, reason: 'wrong email or password' }]);
  });

  test('of a thousand that say the same, eight', async () => {
    for (let n = 0; n < 20; n++) {
      await Promise.all(
        Array.from({ length: 50 }, () =>
          post(server, '/oauth/introspect', { ...wrong, id: 'many' }, { token: 'usher_at_1' }),
        ),
      );
    }
    const times = refused().map((line) => line['times'] ?? 1);
    expect(times).toEqual([1, 2, 3, 4, 5, 10, 100, 1000]);
  });
});

describe('a database that is away', () => {
  test('is a warning without a stack, and of many a few', async () => {
    proxy.cut();
    for (let n = 0; n < 40; n++) {
      await post(server, '/oauth/introspect', demoApi, { token: 'usher_at_1' });
      await fetch(`${server.issuer}/account`, { headers: { cookie: 'usher_session=x' } });
      await post(server, '/oauth/token', demoApp, refresh);
    }
    expect(lines.filter(({ level }) => level >= levels.error)).toEqual([]);
    expect(JSON.stringify(lines)).not.toMatch(/"stack"|\.ts:\d/);
    const warnings = lines.filter(({ level }) => level === levels.warn);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(30);
    expect(warnings[0]).toMatchObject({
      msg: 'unavailable',
      reason: expect.stringMatching(/^database/),
    });
  });
});

describe('a client that breaks off or speaks oddly is no error', () => {
  test.each([
    ['/oauth/token', 'application/x-www-form-urlencoded'],
    ['/oauth/introspect', 'application/x-www-form-urlencoded'],
    ['/oauth/register', 'application/json'],
    ['/access/v1/evaluation', 'application/json'],
    ['/sign-in', 'application/x-www-form-urlencoded'],
  ])('half a body to %s', async (path, type) => {
    const { hostname, port } = new URL(server.issuer);
    const socket = connect(Number(port), hostname);
    const basic = Buffer.from(`${demoApi.id}:${demoApi.secret}`).toString('base64');
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Authorization: Basic ${basic}`,
      `Content-Type: ${type}`,
      'Content-Length: 100',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\nhalf`);
    await new Promise((resolve) => setTimeout(resolve, 150));
    socket.destroy();
    await once(socket, 'close');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(lines.filter(({ level }) => level > levels.info)).toEqual([]);
  });

  test.each(['PROPFIND', 'OPTIONS', 'DELETE', 'PATCH', 'PURGE', 'M-SEARCH'])(
    '%s',
    async (method) => {
      for (const path of [
        '/oauth/token',
        '/oauth/authorize',
        '/account',
        '/api/v1/user',
        '/nothing',
      ]) {
        await fetch(server.issuer + path, { method });
      }
      expect(lines.filter(({ level }) => level > levels.info)).toEqual([]);
    },
  );
});
