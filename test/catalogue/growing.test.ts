/**
 * A catalogue grows without a release: what is new is there after a restart, what is gone has no effect,
 * and nothing that people consented to ever reaches further.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultDirectory, loadCatalogue } from '../../src/catalogue-files/load.ts';
import { demoApi, demoApp, post, signInFor, type TestClient } from '../support/oauth.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { changed, type Json, oneMoreScope, tune } from './copies.ts';
import { askFor, createInstallation, type Installation, register, scopesOn } from './served.ts';

const shop = 'organizations/acme/databases/shop';
const email = 'member@acme.test';
const read = 'database:read_database';
const row = (list: Json[], key: string, name: string) => list.find((one) => one[key] === name);

/** The default catalogue with one more scope, as a platform adds it. */
const grown = () => changed(...oneMoreScope);

let usher: Installation;
let early: string;
let earlyRefresh: string;
let tuner: TestClient;
let late: { access_token: string; refresh_token: string };

beforeAll(async () => {
  usher = await createInstallation();
  await usher.serve(defaultDirectory);
  const asked = { email, scope: `${read} offline_access`, paths: ['acme/shop'] };
  const { body } = await askFor(usher, demoApp, asked);
  [early, earlyRefresh] = [body.access_token, body.refresh_token];
}, 180_000);
afterAll(() => usher.remove());

const onShop = (token: string) => scopesOn(usher, demoApi, token, shop);
const digests = async () =>
  Promise.all(
    ['/readyz', '/scopes.json'].map(
      async (path) =>
        ((await (await fetch(`${usher.issuer}${path}`)).json()) as { catalogue: string }).catalogue,
    ),
  );

test('a node tells the digest of what it decides by', async () => {
  const { digest } = loadCatalogue(defaultDirectory);
  expect(await digests()).toEqual([digest, digest]);
});

test('a scope that is added can be registered, asked for, consented to and introspected', async () => {
  const directory = grown();
  await usher.serve(directory);
  const { digest } = loadCatalogue(directory);
  expect(await digests()).toEqual([digest, digest]);
  const registered = await register(usher, `${tune} ${read} openid`);
  expect(registered.scope.split(' ')).toContain(tune);
  tuner = registered;
  const asked = { email, scope: `${tune} ${read}`, paths: ['acme/shop'] };
  const answer = await askFor(usher, tuner, asked);
  expect(answer.status).toBe(200);
  late = answer.body;
  expect(await onShop(late.access_token)).toEqual([read, tune]);
  expect(await onShop(early), 'an old token gains nothing').toEqual([read]);
}, 180_000);

test('a scope that is gone breaks nothing, and has no effect', async () => {
  await usher.serve(defaultDirectory);
  expect(await onShop(late.access_token)).toEqual([read]);
  const agent = createUserAgent(usher.issuer);
  const page = await signInFor(agent, '/sign-in?next=/account/applications', email);
  expect(page.status).toBe(200);
  expect((await agent.get('/account/applications')).html).toContain('Tuner');
  const refreshed = await post(usher, '/oauth/token', tuner, {
    grant_type: 'refresh_token',
    refresh_token: late.refresh_token,
  });
  expect(refreshed.status).toBe(200);
  expect(await onShop(refreshed.body.access_token)).toEqual([read]);
  const again = await askFor(usher, tuner, { email, scope: read, paths: ['acme/shop'] });
  expect(again.status).toBe(200);
}, 180_000);

test('a scope that would reach further is refused at the start, with what to do', async () => {
  const wider = changed([
    'scopes.json',
    (json) => {
      row(json.scopes, 'scope', 'database:read_backups').requires = {
        development: [],
        production: ['view_backups'],
      };
      row(json.scopes, 'scope', 'organization:delete_branches').requires.production = [
        'delete_production_branches',
      ];
    },
  ]);
  const { code, output } = await usher.refused(wider);
  expect(output).toContain('Give what reaches further a new name');
  expect(output).toContain('organization:delete_branches reaches production branches; it did not');
  expect(output).not.toContain(' at ');
  expect(code).toBe(1);
}, 180_000);

test('a scope that was gone cannot come back wider', async () => {
  const wider = grown();
  const weaker = changed(
    [
      'scopes.json',
      (json) =>
        json.scopes.push({
          ...row(loadCatalogue(wider).files['scopes.json'].scopes as Json[], 'scope', tune),
          requires: ['view_database'],
        }),
    ],
    ['words.en.json', (json) => (json.scopes.tune_queries = 'Tune slow queries')],
  );
  const { code, output } = await usher.refused(weaker);
  expect([code, output]).toEqual([
    1,
    expect.stringContaining(`${tune} no longer requires view_query_statistics`),
  ]);
}, 180_000);

test('a rename: the old name goes on working, and answers print both', async () => {
  const renamed = changed(
    [
      'scopes.json',
      (json) => {
        const scope = row(json.scopes, 'scope', read);
        scope.scope = 'database:see_database';
        scope.formerly = [read];
      },
    ],
    [
      'rules.json',
      (json) => {
        for (const [route, scopes] of Object.entries<string[]>(json.routes)) {
          json.routes[route] = scopes.map((one) => (one === read ? 'database:see_database' : one));
        }
      },
    ],
    [
      'words.en.json',
      (json) => {
        json.scopes.see_database = json.scopes.read_database;
        delete json.scopes.read_database;
      },
    ],
    [
      'roles.json',
      (json) => {
        const role = row(json.database, 'id', 'database_developer');
        Object.assign(role, { id: 'builder', formerly: ['database_developer'] });
        const base = row(json.base, 'id', 'member');
        Object.assign(base, { id: 'everyone', formerly: ['member'] });
        const administrator = row(json.organization, 'part', 'administrator');
        Object.assign(administrator, { id: 'owner', formerly: ['organization_admin'] });
      },
    ],
  );
  rmSync(join(renamed, 'demo.json'));
  await usher.serve(renamed);
  const both = ['database:see_database', read];
  expect(await onShop(early)).toEqual(both);
  const { body } = await post(usher, '/oauth/introspect', demoApi, { token: early });
  expect(body.scope.split(' ')).toEqual(expect.arrayContaining(both));
  const refreshed = await post(usher, '/oauth/token', demoApp, {
    grant_type: 'refresh_token',
    refresh_token: earlyRefresh,
    scope: 'database:see_database',
  });
  expect(refreshed.body.scope.split(' ').toSorted()).toEqual(both.toSorted());
  expect(await onShop(refreshed.body.access_token)).toEqual(both);
  expect(body.authorization_details[0].actions).toEqual(both);
  for (const scope of [read, 'database:see_database', 'read_database']) {
    const answer = await askFor(usher, demoApp, {
      email: 'admin@acme.test',
      scope,
      paths: ['acme/shop'],
    });
    expect(answer.body.scope.split(' ')).toEqual(both);
    expect(await onShop(answer.body.access_token)).toEqual(both);
  }
  expect(usher.output()).not.toContain('lacks gives nothing');
}, 180_000);

test('a role that people hold cannot vanish; the command moves them', async () => {
  const without = changed([
    'roles.json',
    (json) => {
      json.database = json.database.filter(({ id }: Json) => id !== 'database_developer');
      json.base = json.base.filter(({ id }: Json) => id !== 'none');
    },
  ]);
  rmSync(join(without, 'demo.json'));
  const { code, output } = await usher.refused(without);
  expect(code).toBe(1);
  expect(output).toContain(
    '2 people hold the database role database_developer: npm run operator -- role move database_developer TO',
  );
  expect(output).toContain('5 people hold the base role none:');
  expect((await usher.operator(without, 'role', 'move', 'database_developer', 'reador')).code).toBe(
    3,
  );
  const moved = await usher.operator(
    without,
    'role',
    'move',
    'database_developer',
    'database_reader',
  );
  expect(moved).toEqual({ code: 0, output: expect.stringContaining('2') });
  expect((await usher.refused(without)).output).not.toContain('database_developer');
  expect((await usher.operator(without, 'role', 'move', 'none', 'reader')).code).toBe(0);
  await usher.serve(without);
}, 180_000);

test("the administrators' role is moved by nobody", async () => {
  const { code, output } = await usher.operator(
    defaultDirectory,
    ...['role', 'move', 'organization_admin', 'organization_member'],
  );
  expect([code, output]).toEqual([5, expect.stringContaining("the administrators' role")]);
}, 180_000);
