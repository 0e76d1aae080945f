/** The browser's session, on Usher itself: when it begins, whom it serves, and that it ends (OWASP ASVS 5, V7). */

import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { authorize, visit } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, consentTo, demoApp, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword, signInBy } from '../support/sign-in.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'database:read_database';
const cookie = 'usher_session';
const server = forAllTests(startTestServer);

beforeAll(async () => {
  for (const email of [dba, member]) await consentTo(server, demoApp, email, scope, ['acme/shop']);
});

const browser = () => createUserAgent(server.issuer);
const silently = (agent: UserAgent) => authorize(server, demoApp, { prompt: 'none' }, agent);
const errorOf = async (agent: UserAgent) =>
  (await silently(agent)).location?.searchParams.get('error');

/** What a browser holds as its session. */
function sessionOf({ cookies }: UserAgent): [string, string][] {
  return [...cookies].filter(([name]) => name.startsWith(cookie));
}

/** A browser that holds nothing but this session. */
function holding(session: [string, string][]): UserAgent {
  const agent = browser();
  for (const [name, value] of session) agent.cookies.set(name, value);
  return agent;
}

describe.each<[where: string, signIn: (agent: UserAgent, email: string) => Promise<Page>]>([
  ['our own page', signInBy],
  [
    'the way of an application',
    (agent, email) => signInFor(agent, authorizationRequest(server, demoApp, scope).url, email),
  ],
])('signing in by %s', (_where, enter) => {
  test('gives a new session; one that was planted is not taken up', async () => {
    const attacker = browser();
    await attacker.get(authorizationRequest(server, demoApp, scope).url);
    await signInBy(attacker, member);
    const planted = sessionOf(attacker);
    expect(planted).not.toEqual([]);

    const victim = holding(planted);
    if (enter === signInBy) await endOwnSession(victim);
    else await forgetAccounts();
    await enter(victim, dba);
    expect(sessionOf(victim)).not.toEqual(planted);
    expect(await errorOf(holding(planted))).toBe('login_required');
    expect((await visit(`${server.issuer}/account`, victim)).html).toContain(dba);
  });

  test('a session id that never was one is not adopted', async () => {
    const chosen: [string, string][] = [[cookie, 'x'.repeat(43)]];
    const victim = holding(chosen);
    await enter(victim, dba);
    expect(victim.cookies.get(cookie)).not.toBe('x'.repeat(43));
    expect(await errorOf(holding(chosen))).toBe('login_required');
  });
});

describe('signing out', () => {
  test('the old cookie is dead everywhere, and whoever comes next sees nothing of before', async () => {
    const agent = browser();
    await signInBy(agent, dba);
    const old = sessionOf(agent);
    await endOwnSession(agent);
    for (const stale of [agent, holding(old)]) {
      expect(await errorOf(stale)).toBe('login_required');
      expect((await visit(`${server.issuer}/account`, stale)).status).toBe(303);
    }
    await signInBy(agent, member);
    const page = await visit(`${server.issuer}/account`, agent);
    expect(page.html).toContain(member);
    expect(page.html).not.toContain(dba);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await errorOf(holding(old))).toBe('login_required');
  });
});

describe('a session ends by itself', () => {
  test('after 14 days without use, at once for all that it served', async () => {
    const agent = browser();
    await signInBy(agent, dba);
    expect(await sessionDaysLeft(agent)).toBeCloseTo(14, 1);
    await server.database.db.query(
      statement(`update sessions set expires_at = now() - interval '1 second'`),
    );
    expect(await errorOf(agent)).toBe('login_required');
    expect((await visit(`${server.issuer}/account`, agent)).status).toBe(303);
  });

  test('and 90 days after the sign-in, however much it is used', async () => {
    const agent = browser();
    await signInBy(agent, dba);
    await older(80);
    await silently(agent);
    expect(await sessionDaysLeft(agent)).toBeCloseTo(10, 1);
    await older(11);
    await silently(agent);
    expect(await sessionDaysLeft(agent)).toBeLessThan(0.01);
  });

  async function older(days: number): Promise<void> {
    await server.database.db.query(
      statement(`update sessions set payload =
        jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::bigint - $1::bigint))
        where payload ? 'loginTs'`),
      [days * 86_400],
    );
  }

  /** Of the one that ends last: each test signs in anew. */
  async function sessionDaysLeft(agent: UserAgent): Promise<number> {
    expect(agent.cookies.has(cookie)).toBe(true);
    const [row] = await server.database.db.query<{ days: number }>(
      statement(`select extract(epoch from expires_at - now())::float8 / 86400 as days
                   from sessions order by created_at desc limit 1`),
    );
    return row?.days ?? Number.NaN;
  }
});

describe('a request that waits', () => {
  test('no step can be skipped, and none sent empty', async () => {
    const agent = browser();
    const { url } = authorizationRequest(server, demoApp, 'database:write_database');
    const page = await agent.get(url);
    const uid = new URL(page.url).pathname.split('/')[2];
    const steps = ['sign-in', 'consent'].map((step) => `/interaction/${uid}/${step}`);
    for (const step of steps) {
      for (const body of ['', 'action=allow', 'token=x&action=allow']) {
        const answer = await send(agent, step, body);
        expect(answer.headers.get('location') ?? '').not.toContain('code=');
        expect([303, 403]).toContain(answer.status);
      }
    }
    const resumed = await visit(`${server.issuer}/oauth/authorize/${uid}`, agent);
    expect(resumed.location?.searchParams.get('code') ?? null).toBeNull();
  });

  test('what is finished cannot be finished again: the first answer comes once more', async () => {
    const agent = browser();
    const first = await agent.get(authorizationRequest(server, demoApp, scope).url);
    const waiting = new Map(agent.cookies);
    const done = await enterPassword(agent, first, dba);
    expect(new URL(done.url).searchParams.get('code')).toMatch(/^usher_ac_/);
    const { pathname } = new URL(first.url);
    const again = holding([...waiting, ...sessionOf(agent)]);
    expect((await visit(`${server.issuer}${pathname}`, again)).status).toBe(404);
    const uid = pathname.split('/')[2];
    const repeated = await visit(`${server.issuer}/oauth/authorize/${uid}`, again);
    expect(repeated.html).toContain(done.url.replaceAll('&', '&amp;')); // the page that ends the form
    await server.database.db.query(
      statement(`update provider_records set expires_at = now() where kind = 'InteractionAnswer'`),
    );
    expect((await visit(`${server.issuer}/oauth/authorize/${uid}`, again)).status).toBe(400);
  });
});

async function endOwnSession(agent: UserAgent): Promise<void> {
  const page = await agent.get('/sign-out');
  await agent.submit(page, undefined, '/sign-out');
}

/** As if every session had been begun by nobody, and the request still stood. */
async function forgetAccounts(): Promise<void> {
  await server.database.db.query(
    statement(`update sessions set account_id = null,
                 payload = payload - 'accountId' - 'loginTs' - 'authorizations'`),
  );
}

function send(agent: UserAgent, path: string, body: string): Promise<Response> {
  const header = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
  return fetch(server.issuer + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: header, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
}
