/** The same guards in every framework: what is let through, what is refused, and how. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import express, { type Request as ExpressRequest } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import Koa, { type Context } from 'koa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createResourceServer,
  type ResourceServer,
} from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { freePort } from '../support/free-port.ts';
import { demoApi } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { printedId, tokenFor } from './setting.ts';

const read = 'database:read_branches';
const write = 'database:write_branches';
const metadata = { name: 'Branches', scopes: [read] };

/** One API in four frameworks: `GET /read/:branch`, `GET /write/:branch`, `GET /create/:database`. */
const frameworks: Record<string, (server: ResourceServer, port: number) => Promise<() => unknown>> =
  {
    async Koa({ koa: guard }, port) {
      const named = (name: string) => (ctx: Context) => ctx['params'][name] as string;
      const answer = (ctx: Context) => {
        ctx.body = ctx.state['token'].resource;
      };
      const router = new Router()
        .get('/read/:id', guard.requireScope(read, { resource: named('id'), hide: true }), answer)
        .get('/write/:id', guard.requireScope(write, { resource: named('id') }), answer)
        .get(
          '/create/:id',
          guard.requirePermission('create_branches', { resource: named('id') }),
          answer,
        )
        .get('/none/:id', guard.requireScope(read, { resource: () => undefined }), answer);
      const app = new Koa().use(guard.serveMetadata(metadata)).use(router.routes());
      return stopping(app.listen(port, 'localhost'));
    },
    async Express({ express: guard }, port) {
      const resource = (request: ExpressRequest) => String(request.params['id']);
      const answer: express.Handler = (_request, response) => {
        response.json(response.locals['token'].resource);
      };
      const app = express()
        .use(guard.serveMetadata(metadata))
        .get('/read/:id', guard.requireScope(read, { resource, hide: true }), answer)
        .get('/write/:id', guard.requireScope(write, { resource }), answer)
        .get('/create/:id', guard.requirePermission('create_branches', { resource }), answer)
        .get('/none/:id', guard.requireScope(read, { resource: () => undefined }), answer);
      return stopping(app.listen(port, 'localhost'));
    },
    async Fastify({ fastify: guard }, port) {
      const resource = ({ params }: FastifyRequest) => (params as { id: string }).id;
      const answer = async (request: FastifyRequest) => guard.tokenOf(request).resource;
      const app = fastify();
      app.addHook('onRequest', guard.serveMetadata(metadata));
      const hide = true;
      app.get('/read/:id', { preHandler: guard.requireScope(read, { resource, hide }) }, answer);
      app.get('/write/:id', { preHandler: guard.requireScope(write, { resource }) }, answer);
      const mayCreate = guard.requirePermission('create_branches', { resource });
      app.get('/create/:id', { preHandler: mayCreate }, answer);
      const none = guard.requireScope(read, { resource: () => undefined });
      app.get('/none/:id', { preHandler: none }, answer);
      await app.listen({ port, host: 'localhost' });
      return () => app.close();
    },
    async 'Fetch API'(guard, port) {
      const resource = ({ url }: Request) => decodeURIComponent(url.split('/')[4] ?? '');
      const answer = (_: Request, token: { resource: unknown }) => Response.json(token.resource);
      const routes = new Map([
        ['read', guard.requireScope(read, { resource, hide: true }).protect(answer)],
        ['write', guard.requireScope(write, { resource }).protect(answer)],
        ['create', guard.requirePermission('create_branches', { resource }).protect(answer)],
        ['none', guard.requireScope(read, { resource: () => undefined }).protect(answer)],
      ]);
      const serve = guard.serveMetadata(metadata);
      const server = createServer(async ({ method = '', url = '', rawHeaders }, response) => {
        const pairs = rawHeaders.flatMap((name, n): [string, string][] =>
          n % 2 === 0 ? [[name, rawHeaders[n + 1] ?? '']] : [],
        );
        const request = new Request(`http://localhost:${port}${url}`, { method, headers: pairs });
        const own = serve(request) ?? routes.get(url.split('/')[1] ?? '')?.(request);
        const { status, headers, body } = (await own) ?? new Response(null, { status: 404 });
        response.writeHead(status, Object.fromEntries(headers));
        response.end(body === null ? '' : await text(body));
      });
      return stopping(server.listen(port, 'localhost'));
    },
  };

async function stopping(server: Server): Promise<() => unknown> {
  if (!server.listening) await once(server, 'listening');
  return () => {
    server.closeAllConnections();
    server.close();
  };
}

const usher = forAllTests(startTestServer);
let token: string;
let staging: string;
beforeAll(async () => {
  staging = await printedId(usher, 'acme/shop/staging');
});

describe.each(Object.entries(frameworks))('%s', (_name, start) => {
  let url: string;
  let server: ResourceServer;
  let stop: () => unknown;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    const { id: clientId, secret: clientSecret } = demoApi;
    const onFailure = () => {};
    server = createResourceServer({ issuer: usher.issuer, clientId, clientSecret, url, onFailure });
    stop = await start(server, port);
    token = await tokenFor(usher, 'developer@acme.test', `${read} ${write}`, ['acme/shop']);
  });
  afterAll(async () => {
    server.close();
    await stop();
  });

  const call = async (path: string, headers: [string, string][] = [], method = 'GET') => {
    const response = await fetch(url + path, { method, headers });
    const body = await response.text();
    const challenge = response.headers.get('www-authenticate');
    return { status: response.status, challenge, headers: response.headers, body };
  };
  const bearer = (): [string, string][] => [['authorization', `Bearer ${token}`]];

  test('lets through what the token may do, and names the resource by id', async () => {
    const { status, body } = await call(`/read/${staging}`, bearer());
    expect([status, JSON.parse(body)]).toEqual([
      200,
      expect.objectContaining({ identifier: staging, type: 'branch' }),
    ]);
    expect((await call(`/write/${staging}`, bearer())).status).toBe(200);
  });

  test('says what the token is used for, so that it is known which scopes are', async () => {
    const run = (sql: string) => usher.database.db.query<{ scope: string }>(statement(sql));
    const used = async () => {
      await usher.uses.flush();
      const rows = await run('select scope from application_scope_uses order by scope');
      await run('delete from application_scope_uses');
      return rows.map(({ scope }) => scope);
    };
    await used();
    await call(`/read/${staging}`, bearer());
    expect(await used()).toEqual([read]);
    await call(`/create/${staging}`, bearer());
    expect(await used()).toEqual([write]);
    await call('/write/organizations/acme/databases/analytics', bearer());
    expect(await used()).toEqual([]);
  });

  test('without a token: a challenge that names the metadata', async () => {
    const { status, challenge } = await call(`/read/${staging}`);
    expect([status, challenge]).toEqual([
      401,
      `Bearer realm="${url}", resource_metadata="${url}/.well-known/oauth-protected-resource"`,
    ]);
  });

  test.each<[string, [string, string][]]>([
    ['a dead token', [['authorization', 'Bearer usher_at_never']]],
    ['a bearer token as DPoP', [['authorization', 'DPoP usher_at_never']]],
  ])('%s: invalid_token', async (_what, headers) => {
    const { status, challenge } = await call(`/read/${staging}`, headers);
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  });

  test('two tokens: invalid_token, though one would do', async () => {
    const both = [...bearer(), ['authorization', 'Bearer other'] as [string, string]];
    expect((await call(`/read/${staging}`, both)).status).toBe(401);
  });

  test('what it lacks is named: the scope, and the reason of a permission', async () => {
    const narrow = await tokenFor(usher, 'developer@acme.test', read, ['acme/shop']);
    const only: [string, string][] = [['authorization', `Bearer ${narrow}`]];
    const lacking = await call(`/write/${staging}`, only);
    expect([lacking.status, lacking.challenge]).toEqual([
      403,
      expect.stringMatching(/error="insufficient_scope".* scope="database:write_branches"/),
    ]);
    const shop = await printedId(usher, 'acme/shop');
    const denied = await call(`/create/${shop}`, bearer());
    expect([denied.status, JSON.parse(denied.body)]).toEqual([
      403,
      expect.objectContaining({ reason: 'scope_missing' }),
    ]);
  });

  test('what it does not reach is hidden', async () => {
    const other = await printedId(usher, 'vault/ledger/main');
    expect((await call(`/read/${other}`, bearer())).status).toBe(404);
  });

  test('a route that names nothing is 500', async () => {
    expect((await call('/none/x', bearer())).status).toBe(500);
  });

  test('a role that is taken away is gone at the next request, and back when it is given again', async () => {
    const run = (sql: string) => usher.database.db.query(statement(sql));
    expect((await call(`/write/${staging}`, bearer())).status).toBe(200);
    const suspend = (is: boolean) =>
      run(`update organization_members set suspended_at = ${is ? 'now()' : 'null'}
        where account_id = (select id from accounts where email = 'developer@acme.test')`);
    await suspend(true);
    expect((await call(`/write/${staging}`, bearer())).status).toBe(403);
    await suspend(false);
    expect((await call(`/write/${staging}`, bearer())).status).toBe(200);
  });

  test('serves its metadata, to pages of others too', async () => {
    const path = '/.well-known/oauth-protected-resource';
    const { status, headers, body } = await call(`${path}?a=b`);
    expect([status, headers.get('access-control-allow-origin'), JSON.parse(body)]).toEqual([
      200,
      '*',
      expect.objectContaining({
        resource: url,
        authorization_servers: [usher.issuer],
        scopes_supported: [read],
      }),
    ]);
    const head = await call(path, [], 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    const preflight = await call(path, [['origin', 'https://app.test']], 'OPTIONS');
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      '*',
    ]);
    expect((await call(path, [], 'POST')).status).toBe(404);
  });
});
