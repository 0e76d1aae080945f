/** What anybody can send to the authorization endpoint is small where it is stored, and where it is sent on. */

import { describe, expect, test } from 'vitest';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const scope = 'database:read_database';
const server = forAllTests(startTestServer);

async function ask(change: Readonly<Record<string, string>>): Promise<Response> {
  const url = new URL(authorizationRequest(server, demoApp, scope).url);
  for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
  return fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
}

/** The sizes of all stored interactions, in bytes. */
async function storedSizes(): Promise<number[]> {
  const rows = await server.database.db.query<{ size: number }>(
    statement(
      `select octet_length(payload::text) as size from provider_records where kind = 'Interaction'`,
    ),
  );
  return rows.map(({ size }) => size);
}

describe('an error that goes on to the application', () => {
  test.each([
    ['many unknown scopes', 'bogus"<>%20'.repeat(300).replaceAll('%20', ' ')],
    ['one long unknown scope', 'ä'.repeat(1_000)],
    ['every scope, none registered', scopeNames.map((name) => `${name}x`).join(' ')],
  ])('is short, whatever was asked: %s', async (_what, asked) => {
    const response = await ask({ scope: asked });
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('error')).toBe('invalid_scope');
    expect(location.length).toBeLessThan(3_000);
  });
});

describe('a request that is too long gets a page of ours', () => {
  test.each([
    ['scope', 'x'.repeat(4_500)],
    ['scope', 'database:read_database '.repeat(196)],
    ['state', 'x'.repeat(4_097)],
    ['nonce', 'x'.repeat(2_049)],
    ['login_hint', 'x'.repeat(2_049)],
    ['an_unknown_one', 'x'.repeat(2_049)],
    ['claims', 'x'.repeat(4_097)],
  ])('%s', async (name, value) => {
    const response = await ask({ [name]: value });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    const page = await response.text();
    expect(page).toContain('too long');
    expect(page.length).toBeLessThan(20_000);
  });

  test('and so does one that is long in all', async () => {
    const parts = {
      state: 'x'.repeat(4_000),
      nonce: 'x'.repeat(2_000),
      ui_locales: 'x'.repeat(2_000),
    };
    const response = await ask({ ...parts, login_hint: 'x'.repeat(2_000) });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('authorization_details are called what the application called them', async () => {
    const name = 'authorization_details';
    expect(await (await ask({ [name]: 'x'.repeat(4_097) })).text()).toContain(
      `the parameter ${name} is`,
    );
    const { searchParams } = new URL(authorizationRequest(server, demoApp, scope).url);
    const body = new URLSearchParams([...searchParams, [name, 'x'.repeat(4_097)]]);
    const authorization = `Basic ${btoa(`${demoApp.id}:${demoApp.secret}`)}`;
    const pushed = await fetch(`${server.issuer}/oauth/par`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    expect(await pushed.json()).toMatchObject({
      error_description: `the parameter ${name} is too long: at most 4096 characters`,
    });
  });

  test('at the PAR endpoint it is invalid_request', async () => {
    const { searchParams } = new URL(authorizationRequest(server, demoApp, scope).url);
    const body = new URLSearchParams(searchParams);
    body.set('state', 'x'.repeat(20_000));
    const authorization = `Basic ${Buffer.from('demo-app:demo-app-secret').toString('base64')}`;
    const response = await fetch(`${server.issuer}/oauth/par`, {
      method: 'POST',
      body,
      headers: { authorization },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });
});

test('what is stored until somebody signs in is no larger than what was sent', async () => {
  const parts = {
    state: 'x'.repeat(4_000),
    ui_locales: 'x'.repeat(2_000),
    login_hint: 'x'.repeat(1_000),
  };
  const response = await ask(parts);
  expect(response.headers.get('location')).toContain('/interaction/');
  expect(await storedSizes()).not.toEqual([]);
  for (const size of await storedSizes()) expect(size).toBeLessThan(9_000);
});

test('of one network only so many wait; another request is refused, and nothing of it is stored', async () => {
  const before = (await storedSizes()).length;
  const bucket = sha256(JSON.stringify(['authorization', '127.0.0.1']));
  const networks = ['127.0.0.1', '0:0:0:0:0:0:0:1', '0:0:0:0::/64'];
  const buckets = networks.map((network) => sha256(JSON.stringify(['authorization', network])));
  expect(buckets[0]).toEqual(bucket);
  await server.database.db.query(
    statement(`insert into attempt_counters as kept (bucket, attempts, window_ends_at)
      select bucket, 600, now() + interval '1 minute' from unnest($1::bytea[]) as bucket
      on conflict (bucket) do update set attempts = 600`),
    [buckets],
  );
  const refused = await ask({});
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('location')).toBeNull();
  expect(refused.headers.getSetCookie()).toEqual([]);
  expect(await storedSizes()).toHaveLength(before);
});
