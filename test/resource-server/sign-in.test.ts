/** RFC 9470 sections 3 and 6.2: what introspection tells of a sign-in, and what a route may require of it. */

import { once } from 'node:events';
import Koa from 'koa';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/lib/secrets.ts';
import type { GuardOptions, ResourceServer } from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  introspectAs,
  obtainTokens,
  refresh,
} from '../support/oauth.ts';
import { branchScopes, openSetting, printedId } from './setting.ts';

const email = 'developer@acme.test';
const byPassword = 'urn:usher:acr:password';
const read = 'database:read_branches';
/** The scopes are given; a developer's role has not this one. */
const beyond = 'database:delete_branches';

const setting = forAllTests(openSetting);
let token: string;
let refreshToken: string;
let staging: string;
let main: string;

beforeAll(async () => {
  const { usher } = setting;
  await consentTo(usher, demoApp, email, branchScopes, ['acme/shop']);
  const tokens = await obtainTokens(usher, demoApp, email, branchScopes);
  [token, refreshToken] = [tokens.access_token, tokens.refresh_token];
  staging = await printedId(usher, 'acme/shop/staging');
  main = await printedId(usher, 'acme/shop/main');
});

/** Has the token come from a sign-in so long ago, or (undefined) from before that was kept. */
async function signedIn(secondsAgo: number | undefined, acr = byPassword): Promise<void> {
  const kept =
    secondsAgo === undefined ? {} : { authTime: Math.floor(Date.now() / 1000) - secondsAgo, acr };
  await setting.usher.database.db.query(
    statement(
      `update tokens set payload = payload - 'authTime' - 'acr' || $2::jsonb where id = $1`,
    ),
    [sha256(token), JSON.stringify(kept)],
  );
}

describe('introspection', () => {
  test('says when and how the user signed in, asked in any way, and after a refresh', async () => {
    const { usher } = setting;
    const whole = await introspectAs(usher, demoApi, token);
    const told = { auth_time: whole.auth_time, acr: byPassword };
    expect(Math.abs(Date.now() / 1000 - whole.auth_time)).toBeLessThan(300);
    expect(await introspectAs(usher, demoApi, token, staging)).toMatchObject(told);
    expect(await introspectAs(usher, demoApp, token, 'user')).toMatchObject(told);
    expect(await introspectAs(usher, demoApp, refreshToken)).toMatchObject(told);
    const questions = [{ token, resource: staging }, { token }];
    const answer = await fetch(`${usher.issuer}/access/v1/introspections`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${demoApi.id}:${demoApi.secret}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ questions }),
    });
    expect(await answer.json()).toMatchObject({ answers: [told, told] });
    const again = await refresh(usher, demoApp, refreshToken);
    expect(await introspectAs(usher, demoApi, again.body.access_token)).toMatchObject(told);
  });

  test('says nothing of a sign-in that is not known, nor of a dead token', async () => {
    await signedIn(undefined);
    const old = await introspectAs(setting.usher, demoApi, token);
    expect(old.active).toBe(true);
    expect(old).not.toHaveProperty('auth_time');
    expect(old).not.toHaveProperty('acr');
    const dead = await introspectAs(setting.usher, demoApi, `${token}x`);
    expect(dead).toEqual({ active: false });
  });
});

type Wanted = Pick<GuardOptions<never>, 'maxAge' | 'acr' | 'hide'>;

interface Told {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: unknown;
}

/** One route, guarded in one way, asked once. */
type Ask = (wanted: Wanted, on?: { resource?: string; scope?: string }) => Promise<Told>;

const authorization = () => ({ authorization: `Bearer ${token}` });

async function told(response: Response): Promise<Told> {
  const challenge = response.headers.get('www-authenticate');
  return { status: response.status, challenge, body: await response.json() };
}

const byFetch =
  (server: () => ResourceServer): Ask =>
  async (wanted, { resource = staging, scope = read } = {}) => {
    const handle = server()
      .requireScope(scope, { ...wanted, resource: () => resource })
      .protect((_request, { sub }) => Response.json({ sub }));
    return told(await handle(new Request('http://localhost/', { headers: authorization() })));
  };

const byPermission =
  (server: () => ResourceServer): Ask =>
  async (wanted, { resource = staging, scope = read } = {}) => {
    const permission = scope === read ? 'view_branches' : 'manage_database';
    const handle = server()
      .requirePermission(permission, { ...wanted, resource: () => resource })
      .protect((_request, { sub }) => Response.json({ sub }));
    return told(await handle(new Request('http://localhost/', { headers: authorization() })));
  };

const byKoa =
  (server: () => ResourceServer): Ask =>
  async (wanted, { resource = staging, scope = read } = {}) => {
    const guard = server().koa.requireScope(scope, { ...wanted, resource: () => resource });
    const app = new Koa().use(guard).use((ctx) => {
      ctx.body = { sub: ctx.state['token'].sub };
    });
    const listener = app.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    try {
      const { port } = listener.address() as { port: number };
      return await told(await fetch(`http://127.0.0.1:${port}/`, { headers: authorization() }));
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  };

const server = () => setting.api.server;

describe.each<[kind: string, ask: Ask]>([
  ['of the Fetch API', byFetch(server)],
  ['of Koa', byKoa(server)],
  ['by permission', byPermission(server)],
])('a guard %s', (_kind, ask) => {
  test('lets a sign-in through that is new enough and of the class', async () => {
    await signedIn(500);
    for (const wanted of [{ maxAge: 600 }, { acr: byPassword }, { acr: ['phr', byPassword] }]) {
      expect(await ask(wanted)).toMatchObject({ status: 200, challenge: null });
    }
    await signedIn(500, 'phr');
    expect(await ask({ maxAge: 600, acr: 'phr' })).toMatchObject({ status: 200 });
  });

  test('asks for a new sign-in: how old it may be, of which class, or both', async () => {
    await signedIn(700);
    const refused = { status: 401, body: { error: 'insufficient_user_authentication' } };
    const old = await ask({ maxAge: 600 });
    expect(old).toMatchObject(refused);
    expect(old.challenge).toMatch(
      /^Bearer realm="[^"]+", error="insufficient_user_authentication"/,
    );
    expect(old.challenge).toContain('max_age="600"');
    expect(old.challenge).not.toContain('acr_values');
    expect(old.challenge).toContain('resource_metadata="');
    const weak = await ask({ acr: ['phr', 'phrh'] });
    expect(weak).toMatchObject(refused);
    expect(weak.challenge).toContain('acr_values="phr phrh"');
    expect(weak.challenge).not.toContain('max_age');
    const both = await ask({ maxAge: 600, acr: byPassword });
    expect(both).toMatchObject(refused);
    expect(both.challenge).toContain(`acr_values="${byPassword}", max_age="600"`);
  });

  test('takes a sign-in that nothing is known about for none', async () => {
    await signedIn(undefined);
    expect(await ask({ maxAge: 1_000_000_000 })).toMatchObject({ status: 401 });
    expect(await ask({ acr: byPassword })).toMatchObject({ status: 401 });
    expect(await ask({})).toMatchObject({ status: 200 });
  });

  test('sends nobody to sign in who may not do it anyway', async () => {
    await signedIn(700);
    const beyondRole = await ask({ maxAge: 600 }, { resource: main, scope: beyond });
    expect(beyondRole).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    const nowhere = await ask({ maxAge: 600, hide: true }, { resource: `br_${'0'.repeat(32)}` });
    expect(nowhere).toMatchObject({ status: 404, challenge: null });
  });
});

test.each<[wanted: Wanted]>([
  [{ maxAge: 0 }],
  [{ maxAge: -1 }],
  [{ maxAge: 1.5 }],
  [{ maxAge: Number.NaN }],
  [{ maxAge: '600' as unknown as number }],
  [{ acr: '' }],
  [{ acr: [] }],
  [{ acr: 'two classes' }],
  [{ acr: 'quo"ted' }],
  [{ acr: ['phr', 'a\r\nb'] }],
  [{ acr: 7 as unknown as string }],
])('%o is refused when the guard is made', (wanted) => {
  const guarded = { ...wanted, resource: () => staging };
  expect(() => server().requireScope(read, guarded)).toThrow(TypeError);
  expect(() => server().koa.requireScope(read, guarded)).toThrow(TypeError);
  expect(() => server().requirePermission('view_branches', guarded)).toThrow(TypeError);
});

test('without credentials nobody is told what is wanted', async () => {
  await signedIn(700);
  const guard = server().requireScope(read, { maxAge: 600, resource: () => staging });
  const verdict = await guard(new Request('http://localhost/'));
  const challenge = verdict.ok ? '' : verdict.response.headers.get('www-authenticate');
  expect(challenge).not.toContain('max_age');
});
