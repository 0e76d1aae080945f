/** Without an answer of Usher's that can be relied on, nothing is allowed: 503, and never a guess. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createResourceServer,
  type ResourceServerError,
  type ResourceServerOptions,
} from '../../src/resource-server/resource-server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type BadLine, changed, changedJson, type Fault, openBadLine } from './bad-line.ts';
import { createFetchApi } from './example/fetch-api.ts';
import { asDemoApi, printedId, tokenFor } from './setting.ts';

const path = 'organizations/acme/databases/shop';

let usher: TestServer;
let line: BadLine;
let token: string;
let shop: string;

beforeAll(async () => {
  line = await openBadLine();
  usher = await startTestServer({ ISSUER: line.url });
  line.usherPort = usher.config.port;
  token = await tokenFor(usher, 'member@acme.test', 'database:read_database', ['acme/shop']);
  shop = await printedId(usher, 'acme/shop');
});

afterEach(() => {
  line.fault = undefined;
});

afterAll(async () => {
  await usher.close();
  await line.close();
});

/** A new example API, with connections of its own. */
function openApi(change: Partial<ResourceServerOptions> = {}) {
  const failures: ResourceServerError[] = [];
  const onFailure = (error: ResourceServerError) => failures.push(error);
  const server = createResourceServer({
    ...asDemoApi(usher),
    url: 'https://api.test',
    onFailure,
    ...change,
  });
  const handle = createFetchApi(server);
  return {
    server,
    codes: () => failures.map(({ code }) => code),
    async read(): Promise<Response> {
      const headers = { authorization: `Bearer ${token}` };
      return handle(new Request(`https://api.test/${path}`, { headers }));
    },
  };
}

/** Waits for good. */
const hang: Fault = () => {};

describe('Usher does not answer', () => {
  test.each<[what: string, code: string, fault: Fault]>([
    ['nothing comes', 'timeout', hang],
    ['the answer stops in the middle', 'timeout', (res) => void res.writeHead(200).write('{"act')],
    ['the connection closes', 'unreachable', (_res, req) => void req.socket.destroy()],
    [
      'the connection closes in the middle of the answer',
      'unreachable',
      (res, req) => void res.writeHead(200).write('{"act', () => req.socket.destroy()),
    ],
  ])('%s: 503, asked once', async (_what, code, fault) => {
    const api = openApi({ timeoutMilliseconds: 300 });
    line.fault = fault;
    line.arrived = 0;
    const response = await api.read();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'Rights cannot be checked now; retry.',
    });
    expect(api.codes()).toEqual([code]);
    expect(line.arrived).toBe(1);
  });

  test('and answers again: nothing is left of the failure', async () => {
    const api = openApi({ timeoutMilliseconds: 300 });
    line.fault = hang;
    expect((await api.read()).status).toBe(503);
    line.fault = undefined;
    expect((await api.read()).status).toBe(200);
  });
});

describe('a kept connection that was closed meanwhile', () => {
  test('is replaced by a new one, once', async () => {
    const api = openApi();
    expect((await api.read()).status).toBe(200);
    line.arrived = 0;
    let cuts = 0;
    line.fault = (_res, req) => {
      cuts += 1;
      line.fault = undefined;
      req.socket.destroy();
    };
    expect((await api.read()).status).toBe(200);
    expect({ cuts, arrived: line.arrived }).toEqual({ cuts: 1, arrived: 2 });
  });

  test('and not a second time', async () => {
    const api = openApi();
    expect((await api.read()).status).toBe(200);
    line.arrived = 0;
    line.fault = (_res, req) => void req.socket.destroy();
    expect((await api.read()).status).toBe(503);
    expect(line.arrived).toBe(2);
  });

  test('nor after a part of an answer', async () => {
    const api = openApi();
    expect((await api.read()).status).toBe(200);
    line.arrived = 0;
    line.fault = (res, req) => void res.writeHead(200).write('{"act', () => req.socket.destroy());
    expect((await api.read()).status).toBe(503);
    expect(line.arrived).toBe(1);
  });
});

describe('the answer cannot be relied on: 503, asked once', () => {
  const wide = 'x'.repeat(5_000_000);
  const staging = `${path}/branches/staging`;
  test.each<[what: string, code: string, fault: Fault]>([
    ['500', 'unavailable', changed(() => ({ status: 500 }))],
    ['503', 'unavailable', changed(() => ({ status: 503, headers: { 'retry-after': '9' } }))],
    ['400', 'unavailable', changed(() => ({ status: 400 }))],
    ['204', 'unavailable', changed(() => ({ status: 204, body: '' }))],
    ['401', 'credentials', changed(() => ({ status: 401 }))],
    ['a redirect', 'unavailable', changed(() => ({ status: 307, headers: { location: '/' } }))],
    ['HTML', 'malformed_answer', changed(() => ({ headers: { 'content-type': 'text/html' } }))],
    ['no type', 'malformed_answer', changed(() => ({ headers: {} }))],
    [
      'a type that only begins like JSON',
      'malformed_answer',
      changed(() => ({ headers: { 'content-type': 'application/json-seq' } })),
    ],
    ['two answers', 'malformed_answer', changed(({ body }) => ({ body: `${body}\n${body}` }))],
    ['nothing', 'malformed_answer', changed(() => ({ body: '' }))],
    ['"active" as 1', 'malformed_answer', changedJson({ active: 1 })],
    [
      'a redirect to where everything is allowed',
      'unavailable',
      changed(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })),
    ],
    ['half of the JSON', 'malformed_answer', changed(({ body }) => ({ body: body.slice(0, 99) }))],
    ['five megabytes', 'malformed_answer', changedJson({ username: wide })],
    ['another issuer', 'malformed_answer', changedJson({ iss: 'https://other.test' })],
    ['"active" as a text', 'malformed_answer', changedJson({ active: 'true' })],
    ['scopes as a list', 'malformed_answer', changedJson({ scope: ['database:read_database'] })],
    [
      'another database',
      'other_resource',
      changedJson({
        resource: { type: 'database', identifier: `db_${'0'.repeat(32)}`, path: staging },
      }),
    ],
  ])('%s', async (_what, code, fault) => {
    const api = openApi();
    line.fault = fault;
    line.arrived = 0;
    expect((await api.read()).status).toBe(503);
    expect(api.codes()).toEqual([code]);
    expect(line.arrived).toBe(1);
  });
});

describe('what a token is bound to by other means than a key', () => {
  test.each([{ 'x5t#S256': 'abc' }, {}, { jkt: 'abc', 'x5t#S256': 'abc' }, { jkt: 7 }])(
    '%o: the token is refused',
    async (cnf) => {
      const api = openApi();
      line.fault = changedJson({ cnf });
      const response = await api.read();
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('DPoP realm=');
    },
  );
});

describe('setting up', () => {
  test('a wrong secret shows as 503 to clients, and as what it is to this server', async () => {
    const api = openApi({ clientSecret: 'wrong' });
    expect((await api.read()).status).toBe(503);
    expect(api.codes()).toEqual(['credentials']);
  });

  test('after close() nothing is asked any more', async () => {
    const api = openApi();
    expect((await api.read()).status).toBe(200);
    line.arrived = 0;
    api.server.close();
    expect((await api.read()).status).toBe(503);
    expect(api.codes()).toEqual(['closed']);
    expect(line.arrived).toBe(0);
  });
});

describe('questions of one turn', () => {
  const another = `${path}/branches/main`;

  test('that are identical go out once', async () => {
    const { server } = openApi();
    line.arrived = 0;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => server.introspect(token, shop)),
    );
    expect(new Set(answers).size).toBe(1);
    expect(line.arrived).toBe(1);
  });

  test('that differ go out together; each gets its own answer, as if asked alone', async () => {
    const { server } = openApi();
    const questions: [string, string][] = [
      [token, shop],
      [token, path],
      ['usher_at_never', shop],
      [token, another],
      [token, 'user'],
      [token, 'nothing\0'],
      [token, '\ud800'],
    ];
    line.arrived = 0;
    const together = await Promise.all(questions.map((asked) => server.introspect(...asked)));
    expect(line.arrived).toBe(1);
    const alone = [];
    for (const asked of questions) alone.push(await server.introspect(...asked));
    expect(together).toEqual(alone);
    expect(together.slice(0, 3)).toMatchObject([
      { scope: 'database:read_database', resource: { identifier: shop, path } },
      { scope: 'database:read_database', resource: { identifier: shop, path } },
      { active: false },
    ]);
  });

  test.each<[what: string, token: string, resource: string]>([
    ['a token that is too long', 'x'.repeat(1_001), path],
    ['no token', '', path],
  ])('%s spoils no other', async (_what, odd, resource) => {
    const { server } = openApi();
    const answers = await Promise.all([
      server.introspect(odd, resource),
      server.introspect(token, path),
      server.introspect(token, shop),
    ]);
    expect(answers).toMatchObject([{ active: false }, { active: true }, { active: true }]);
  });

  test('a name that is too long names nothing, and spoils no other', async () => {
    const { server } = openApi();
    const answers = await Promise.all([
      server.introspect(token, 'x'.repeat(2_000_000)),
      server.introspect(token, path),
    ]);
    expect(answers[0]).toMatchObject({ active: true });
    expect(answers[0]).not.toHaveProperty('resource');
    expect(answers[1]).toHaveProperty('resource.path', path);
  });

  test.each<[what: string, change: (answers: unknown[]) => unknown]>([
    ['fewer answers', (answers) => answers.slice(1)],
    ['more answers', (answers) => [...answers, { active: false }]],
    ['no list of answers', ([first]) => first],
  ])('%s than questions: all fail', async (_what, change) => {
    const { server } = openApi();
    line.fault = changed(({ body }) => ({
      body: JSON.stringify({ answers: change(JSON.parse(body).answers) }),
    }));
    const asked = [server.introspect(token, path), server.introspect(token, another)];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ reason: { code: 'malformed_answer' } });
    }
  });

  test('answers that changed places: both fail, for each is about something else', async () => {
    const { server } = openApi();
    const staging = `${path}/branches/staging`;
    const bound = await tokenFor(usher, 'dba@acme.test', 'database:read_branches', ['acme/shop']);
    line.fault = changed(({ body }) => ({
      body: JSON.stringify({ answers: JSON.parse(body).answers.reverse() }),
    }));
    const asked = [server.introspect(bound, another), server.introspect(bound, staging)];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ reason: { code: 'other_resource' } });
    }
  });
});
