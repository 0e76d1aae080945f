/** RFC 8707, with resource servers whose address names a resource: the consent and its tokens are for it alone. */

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn } from '../operator/operators.ts';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApi,
  demoApp,
  idOf,
  introspectAs,
  obtainCode,
  post,
  redeem,
  refresh,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const host = 'https://mcp.places.test';
const shop = `${host}/acme/shop`;
const read = 'database:read_database';
const branches = 'database:read_branches branch:read_branch';
const server = forAllTests(startTestServer);
let run: ReturnType<typeof commandsOn>;
const agent = forEachTest(() => createUserAgent(server.issuer));
let mcp: TestClient;

beforeAll(async () => {
  run = commandsOn(server.database.db, server.issuer);
  const address = `${host}/{organization}/{database}`;
  const made = await run('resource-server', 'add', 'Shop tools', '--audience', address);
  mcp = { id: String(made['client_id']), secret: String(made['client_secret']), redirectUri: '' };
});

beforeEach(() => server.database.db.query(statement('delete from consents'), []));

const wanted = `${read} ${branches}`;

function request(resource: string | undefined, scope = wanted) {
  return authorizationRequest(server, demoApp, scope, { resource });
}

/** Signs in, allows what is picked, and redeems. */
async function tokensAt(resource: string, paths: readonly string[], scope = wanted) {
  const { url, verifier } = request(resource, scope);
  const page = await signInFor(agent, url, dba);
  const callback = callbackOf(await allow(agent, page, paths));
  const { status, body } = await redeem(server, demoApp, callback.get('code') ?? '', verifier);
  expect(status).toBe(200);
  return body;
}

const pathsOf = (answer: { authorization_details?: readonly { path: string }[] }) =>
  answer.authorization_details?.map(({ path }) => path);

describe('at consent', () => {
  test('the place is chosen, and nothing else is there to choose', async () => {
    const page = await signInFor(agent, request(shop).url, dba);
    expect(page.html).toContain('asks to use Shop tools for you');
    expect(page.html).toContain(`works only at <strong>${shop}</strong>`);
    expect(page.html).toContain('Only acme/shop can be chosen, or something in it.');
    expect(page.html).not.toContain('vault');
    expect(page.html).not.toContain('acme/analytics');
    expect(page.html).toMatch(/acme\/shop\/(main|staging)/);
  });

  test.each([
    ['unknown', `${host}/acme/none`],
    ['unknown as a whole', `${host}/nobody/none`],
    ['out of the reach of this user', `${host}/vault/ledger`],
  ])('a place that is %s looks as every other such place does', async (_what, resource) => {
    const page = await signInFor(agent, request(resource).url, dba);
    expect(page.html).toContain(`There’s nothing at ${resource} that you can give access to`);
    expect(page.html).not.toContain('value="allow"');
    const silent = { resource, prompt: 'none' };
    const answer = await authorize(server, demoApp, { ...silent, scope: wanted }, agent);
    expectErrorRedirect(answer, demoApp, 'consent_required');
  });

  test('a form that picks outside of it is refused, and nothing is recorded', async () => {
    const page = await signInFor(agent, request(shop).url, dba);
    const other = printId('database', await idOf(server.database.db, 'acme/analytics'));
    const fields: [string, string][] = [
      ['action', 'allow'],
      ['pick', other],
      ['scope', read],
    ];
    const isOld = ([name]: readonly [string, string]) => name === 'pick' || name === 'action';
    const refused = await agent.submit(
      page,
      (sent) => [...sent.filter((field) => !isOld(field)), ...fields],
      '/consent',
    );
    expect(refused.status).toBe(403);
    const rows = await server.database.db.query(
      statement('select from consents where version > 0'),
      [],
    );
    expect(rows).toEqual([]);
  });

  test('what was allowed elsewhere stands, and says nothing about the place', async () => {
    await consentTo(server, demoApp, dba, wanted, ['acme/analytics']);
    const silent = { resource: shop, prompt: 'none', scope: wanted };
    await obtainCode(server, demoApp, dba, wanted, agent);
    const answer = await authorize(server, demoApp, silent, agent);
    expectErrorRedirect(answer, demoApp, 'consent_required');

    const { access_token: token } = await tokensAt(shop, ['acme/shop']);
    expect(pathsOf(await introspectAs(server, mcp, token))).toEqual([
      'organizations/acme/databases/shop',
    ]);
    const { code, verifier } = await obtainCode(server, demoApp, dba, wanted, agent);
    const { body } = await redeem(server, demoApp, code, verifier);
    expect(pathsOf(await introspectAs(server, demoApi, body.access_token))).toEqual([
      'organizations/acme/databases/analytics',
      'organizations/acme/databases/shop',
    ]);
  });
});

test.each([
  ['the pattern itself, which is the address of no place', '/{organization}/{database}'],
  ['a part of it', '/acme/{database}'],
  ['slugs in capitals', '/ACME/shop'],
  ['an encoded slash', '/acme%2Fshop'],
  ['a path that climbs up', '/acme/x/../shop'],
  ['something behind the place', '/acme/shop/x'],
  ['letters that no slug has', '/acme/sh\u00f6p'],
])('a resource with %s is invalid_target, at the token endpoint too', async (_what, path) => {
  const resource = host + path;
  const asked = await authorize(server, demoApp, { resource, scope: read }, agent);
  expectErrorRedirect(asked, demoApp, 'invalid_target');
  await consentTo(server, demoApp, dba, read, ['acme/shop']);
  const { code, verifier } = await obtainCode(server, demoApp, dba, read);
  expect(await redeem(server, demoApp, code, verifier, { resource })).toMatchObject({
    status: 400,
    body: { error: 'invalid_target' },
  });
});

describe('the token', () => {
  test('is for the very address, and reaches the place and what is in it', async () => {
    const { access_token: token, authorization_details } = await tokensAt(`${shop}/`, [
      'acme/shop',
      'acme/shop/staging',
    ]);
    expect(pathsOf({ authorization_details })).toEqual([
      'organizations/acme/databases/shop',
      'organizations/acme/databases/shop/branches/staging',
    ]);
    const about = (resource: string, of = token) => introspectAs(server, mcp, of, resource);
    const answer = await introspectAs(server, mcp, token);
    expect(answer).toMatchObject({ active: true, aud: shop });
    expect(answer.scope?.split(' ').toSorted()).toEqual(wanted.split(' ').toSorted());
    expect(await introspectAs(server, demoApi, token)).toEqual({ active: false });
    expect((await about('organizations/acme/databases/shop')).scope).toContain(read);
    expect((await about('organizations/acme/databases/shop/branches/staging')).scope).toContain(
      'branch:read_branch',
    );
    expect(await about('organizations/acme/databases/analytics')).not.toHaveProperty('scope');
    expect(await about('organizations/acme')).not.toHaveProperty('scope');
    expect(await about('organizations/acme')).not.toHaveProperty('resource');
    expect(await about('user')).not.toHaveProperty('scope');
    expect(await about(`${host}/acme/analytics`)).toEqual({ active: false });
    expect(await about(`${shop}/`)).toMatchObject({ active: true, aud: shop });
  });

  test('does nothing in another place, though the user allows it there as well', async () => {
    const { access_token: there } = await tokensAt(`${host}/acme/analytics`, ['acme/analytics']);
    const { access_token: here } = await tokensAt(shop, ['acme/shop']);
    const reach = async (token: string) =>
      Promise.all(
        ['shop', 'analytics'].map(async (database) => {
          const resource = `organizations/acme/databases/${database}`;
          const { scope } = await introspectAs(server, mcp, token, resource);
          return scope !== undefined;
        }),
      );
    expect(await reach(here)).toEqual([true, false]);
    expect(await reach(there)).toEqual([false, true]);
    const overview = await introspectAs(server, mcp, here, 'organizations/acme');
    expect(overview).not.toHaveProperty('scope');
  });

  test('stays in the place when its slug changes, also at the refresh', async () => {
    const { refresh_token } = await tokensAt(shop, ['acme/shop']);
    const rename = statement('update databases set slug = $2 where slug = $1');
    await server.database.db.query(rename, ['shop', 'market']);
    await server.database.db.query(rename, ['analytics', 'shop']);
    try {
      const { body } = await refresh(server, demoApp, refresh_token, { resource: shop });
      const answer = await introspectAs(server, mcp, body.access_token);
      expect(answer.aud).toBe(shop);
      expect(pathsOf(answer)).toEqual(['organizations/acme/databases/market']);
      const next = await refresh(server, demoApp, body.refresh_token);
      expect(pathsOf(await introspectAs(server, mcp, next.body.access_token))).toEqual([
        'organizations/acme/databases/market',
      ]);
    } finally {
      await server.database.db.query(rename, ['shop', 'analytics']);
      await server.database.db.query(rename, ['market', 'shop']);
    }
  });

  test('cannot be moved to another place, at the token endpoint or by a refresh', async () => {
    const { url, verifier } = request(shop);
    const page = await signInFor(agent, url, dba);
    const code = callbackOf(await allow(agent, page, ['acme/shop'])).get('code') ?? '';
    const other = { resource: `${host}/acme/analytics` };
    const moved = await redeem(server, demoApp, code, verifier, other);
    expect(moved).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    const { body } = await redeem(server, demoApp, code, verifier, { resource: `${shop}/` });
    expect(await refresh(server, demoApp, body.refresh_token, other)).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_target',
        error_description: `the user allowed a token for ${shop}: send that as resource, or none`,
      },
    });
  });

  test('what was allowed without a resource is narrowed to a place at the token endpoint', async () => {
    await consentTo(server, demoApp, dba, wanted, ['acme/shop', 'acme/analytics']);
    const { code, verifier } = await obtainCode(server, demoApp, dba, wanted, agent);
    const { body } = await redeem(server, demoApp, code, verifier, { resource: shop });
    const answer = await introspectAs(server, mcp, body.access_token);
    expect(answer).toMatchObject({ active: true, aud: shop });
    expect(pathsOf(answer)).toEqual(['organizations/acme/databases/shop']);
    expect(pathsOf(body)).toEqual(['organizations/acme/databases/shop']);
    const wide = (await refresh(server, demoApp, body.refresh_token)).body;
    expect(pathsOf(await introspectAs(server, demoApi, wide.access_token))).toHaveLength(2);
    for (const away of [`${host}/acme/none`, `${host}/vault/ledger`]) {
      const refused = await refresh(server, demoApp, wide.refresh_token, { resource: away });
      expect(refused).toMatchObject({
        status: 400,
        body: {
          error: 'invalid_target',
          error_description: `there is nothing at ${away} that the user can see: send another resource, or none`,
        },
      });
    }
  });

  test('a second request for the place needs no page, and is pushed as well', async () => {
    await tokensAt(shop, ['acme/shop']);
    const { url, verifier } = request(`${shop}/`);
    const fields = Object.fromEntries(new URL(url).searchParams);
    const { body: pushed } = await post(server, '/oauth/par', demoApp, fields);
    const query = new URLSearchParams({ client_id: demoApp.id, request_uri: pushed.request_uri });
    const page = await agent.get(`${server.issuer}/oauth/authorize?${query}`);
    const code = callbackOf(page).get('code') ?? '';
    const { body } = await redeem(server, demoApp, code, verifier);
    expect(await introspectAs(server, mcp, body.access_token)).toMatchObject({ aud: shop });
  });

  test('ends with what it may do when the place does', async () => {
    const { access_token: token } = await tokensAt(shop, ['acme/shop']);
    await server.database.db.query(statement('delete from consent_entries'), []);
    expect(pathsOf(await introspectAs(server, mcp, token))).toEqual([]);
  });
});

describe('by an organization', () => {
  test('its own server may leave the organization out, and never stands for another', async () => {
    const own = 'https://mcp.acme-places.test';
    const options = ['--audience', `${own}/{database}`, '--organization', 'acme'];
    const made = await run('resource-server', 'add', 'Acme tools', ...options);
    const api = {
      id: String(made['client_id']),
      secret: String(made['client_secret']),
      redirectUri: '',
    };
    const { access_token: token } = await tokensAt(`${own}/shop`, ['acme/shop']);
    expect(await introspectAs(server, api, token)).toMatchObject({ aud: `${own}/shop` });
    expect(await introspectAs(server, mcp, token)).toEqual({ active: false });

    const named = 'https://mcp.acme-named.test';
    const wide = ['--audience', `${named}/{organization}/{database}`, '--organization', 'acme'];
    await run('resource-server', 'add', 'Acme again', ...wide);
    const consultant = createUserAgent(server.issuer);
    const away = request(`${named}/vault/ledger`);
    const page = await signInFor(consultant, away.url, 'consultant@vault.test');
    expect(page.html).toContain(`There’s nothing at ${named}/vault/ledger`);
  });
});
