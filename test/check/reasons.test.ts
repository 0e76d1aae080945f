/**
 * Every reason of the closed list, over HTTP: why it is given, the smallest fix, and who is told.
 *
 * The token is that of somebody in two organizations, asked about by the platform's resource server
 * and by one that belongs to one of them.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { callAccess } from '../support/access.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  idOf,
  obtainCode,
  obtainTokens,
  post,
  redeem,
  type TestClient,
  vaultApi,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { type Columns, worldIn } from '../support/world.ts';

const email = 'consultant@vault.test';
const scope =
  'database:read_branches database:write_branches database:delete_branches branch:write_branch';
const ledger = 'organizations/vault/databases/ledger';
const shop = 'organizations/acme/databases/shop';
const roles = { roles: ['database_admin', 'organization_admin'] };

const server = forAllTests(startTestServer);
let tokens: { access_token: string; refresh_token: string };
const seen = new Set<string>();

beforeAll(async () => {
  await consentTo(server, demoApp, email, scope, ['acme/shop', 'vault/ledger']);
  tokens = await obtainTokens(server, demoApp, email, scope);
});

const run = (text: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, string>>(statement(text), values);

interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly token?: string;
  readonly asker?: TestClient;
  readonly type?: string;
}

/** Asks about a token. @returns the decision, `true` for a bare permit. */
async function decide({ action, resource, asker = demoApi, ...rest }: Asked) {
  const { token = tokens.access_token, type = typeOf(resource) } = rest;
  const { status, body } = await callAccess(
    server,
    'evaluation',
    {
      subject: { type: 'access_token', id: token },
      action: { name: action },
      resource: { type, id: resource },
    },
    { asker },
  );
  expect(status).toBe(200);
  if (body.decision) return body.context === undefined ? true : body;
  seen.add(body.context.reason);
  return body.context;
}

function typeOf(path: string): string {
  const depth = path.split('/').length / 2;
  return path === 'user' ? 'user' : (['organization', 'database', 'branch'][depth - 1] ?? 'branch');
}

const [write, read] = ['database:write_branches', 'database:read_branches'];
const main = `${ledger}/branches/main`;
const audit = `${ledger}/branches/audit`;

test('what is permitted has no context', async () => {
  for (const asker of [demoApi, vaultApi]) {
    expect(await decide({ action: write, resource: main, asker })).toBe(true);
    expect(await decide({ action: 'create_branches', resource: audit, asker })).toBe(true);
  }
});

describe('token_inactive, the same for every way to be dead, and without a fix', () => {
  const dead = { reason: 'token_inactive' };
  const about = { action: read, resource: main };

  test.each<[what: string, token: () => string]>([
    ['unknown', () => randomSecret('usher_at_')],
    ['no token at all', () => 'usher_at_nothing'],
    ['of the form of something else', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['a refresh token', () => tokens.refresh_token],
    ['with a NUL', () => `${tokens.access_token}\0`],
    ['not whole Unicode', () => `${tokens.access_token}\ud800`],
  ])('%s', async (_what, token) => {
    expect(await decide({ ...about, token: token() })).toEqual(dead);
  });

  test('revoked', async () => {
    const { access_token: token } = await obtainTokens(server, demoApp, email, scope);
    expect(await decide({ ...about, token })).toBe(true);
    await post(server, '/oauth/revoke', demoApp, { token });
    expect(await decide({ ...about, token })).toEqual(dead);
  });

  test('of an account that is suspended', async () => {
    await run(`update accounts set status = 'suspended' where email = $1`, email);
    expect(await decide(about)).toEqual(dead);
    await run(`update accounts set status = 'active' where email = $1`, email);
    expect(await decide(about)).toBe(true);
  });

  test('for another audience', async () => {
    const { access_token: token } = await obtainTokens(server, demoApp, email, scope);
    const set = `update tokens set payload = payload || '{"aud":"https://other.test"}'
      where id = (select id from tokens where kind = 'AccessToken' order by issued_at desc limit 1)`;
    await run(set);
    expect(await decide({ ...about, token })).toEqual(dead);
  });

  test('of somebody who consented to nothing in the organization that asks', async () => {
    const { access_token: token } = await ofMember();
    expect(await decide({ ...about, token, asker: vaultApi })).toEqual(dead);
  });
});

async function ofMember() {
  await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/shop']);
  return obtainTokens(server, demoApp, 'member@acme.test', scope);
}

test('application_suspended, also before anything else is said', async () => {
  await run(`update clients set status = 'suspended' where id = 'demo-app'`);
  for (const resource of [main, `${ledger}/branches/nowhere`]) {
    for (const asker of [demoApi, vaultApi]) {
      const told = await decide({ action: read, resource, asker });
      expect(told).toEqual({ reason: 'application_suspended' });
    }
  }
  const { access_token: token } = { access_token: randomSecret('usher_at_') };
  expect(await decide({ action: read, resource: main, token })).toEqual({
    reason: 'token_inactive',
  });
  await run(`update clients set status = 'active' where id = 'demo-app'`);
});

describe('scope_missing', () => {
  test('of the token: the scope to ask for', async () => {
    const told = await decide({ action: 'database:promote_branches', resource: audit });
    expect(told).toEqual({
      reason: 'scope_missing',
      fix: { request: 'database:promote_branches' },
    });
  });

  test('for a permission: the narrowest scope that would give it', async () => {
    const told = await decide({ action: 'promote_branches', resource: audit });
    expect(told).toEqual({
      reason: 'scope_missing',
      fix: { request: expect.stringMatching(/:promote_branch(es)?$/) },
    });
  });

  test('of the registration, from the moment on at which it is taken out', async () => {
    const [client] = await run(`select scope from clients where id = 'demo-app'`);
    await run(`update clients set scope = $1 where id = 'demo-app'`, read);
    const told = await decide({ action: write, resource: audit });
    await run(`update clients set scope = $1 where id = 'demo-app'`, client?.['scope']);
    expect(told).toEqual({ reason: 'scope_missing', fix: { request: write } });
  });
});

describe('not_in_grant, with the scope to consent to', () => {
  test('where the user picked nothing', async () => {
    const resource = 'organizations/acme/databases/analytics/branches/dev';
    const told = await decide({ action: read, resource });
    expect(told).toEqual({ reason: 'not_in_grant', fix: { consent: read } });
  });

  test('where the user consented after the token was issued', async () => {
    const { access_token: token } = await ofMember();
    const about = { action: read, resource: 'organizations/acme/databases/analytics/branches/dev' };
    await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/analytics']);
    const told = await decide({ ...about, token });
    expect(told).toEqual({ reason: 'not_in_grant', fix: { consent: read } });
    const later = await obtainTokens(server, demoApp, 'member@acme.test', scope);
    expect(await decide({ ...about, token: later.access_token })).toBe(true);
  });

  test('where the branch has become of the other kind since', async () => {
    const scopes = 'branch:write_branch';
    const dba = 'dba@acme.test';
    await consentTo(server, demoApp, dba, scopes, ['acme/shop/staging']);
    const { access_token: token } = await obtainTokens(server, demoApp, dba, scopes);
    const about = { action: scopes, resource: `${shop}/branches/staging`, token };
    expect(await decide(about)).toBe(true);
    const promote = 'update branches set production = $1 where id = $2';
    const id = await idOf(server.database.db, 'acme/shop/staging');
    await run(promote, true, id);
    const told = await decide(about);
    await run(promote, false, id);
    expect(told).toEqual({ reason: 'not_in_grant', fix: { consent: scopes } });
  });
});

describe('acts_elsewhere, with the kind of resource to ask about', () => {
  test.each([
    ['read', 'a database', () => ledger, 'branch'],
    ['database', 'a branch', () => `${shop}/branches/staging`, 'database'],
  ])('a %s scope on %s', async (scope, _on, resource, kind) => {
    const action = scope === 'read' ? read : 'database:read_database';
    const told = await decide({ action, resource: resource() });
    expect(told).toEqual({ reason: 'acts_elsewhere', fix: { resource: kind } });
  });
});

describe('role_insufficient', () => {
  test('with the roles that would do, the least first', async () => {
    const { access_token: token } = await ofMember();
    const resource = `${shop}/branches/main`;
    const told = await decide({ action: write, resource, token });
    expect(told).toEqual({ reason: 'role_insufficient', fix: roles });
  });

  test('without a fix for somebody who left: first they have to be let in', async () => {
    const { access_token: token } = await ofMember();
    const about = { action: read, resource: `${shop}/branches/main`, token };
    expect(await decide(about)).toBe(true);
    const set = (value: string) =>
      run(`update organization_members set suspended_at = ${value} where account_id =
        (select id from accounts where email = 'member@acme.test')`);
    await set('now()');
    const told = await decide(about);
    await set('null');
    expect(told).toEqual({ reason: 'role_insufficient' });
  });
});

describe('production_excluded', () => {
  test('by the catalogue: nothing helps', async () => {
    for (const asker of [demoApi, vaultApi]) {
      const told = await decide({ action: 'database:delete_branches', resource: main, asker });
      expect(told).toEqual({ reason: 'production_excluded' });
    }
  });
});

test('production_excluded, where the user left production out: the user can include it', async () => {
  const choose = (included: boolean) =>
    run(
      `update consent_entries e set includes_production = $1 from databases d
        where d.id = e.database_id and e.level = 'database' and d.slug = 'ledger'`,
      included,
    );
  await choose(false);
  const told = await decide({ action: write, resource: main });
  await choose(true);
  expect(told).toEqual({ reason: 'production_excluded', fix: { consent: write } });
});

describe('where vault approves applications', () => {
  const setPolicy = (policy: string) =>
    run(`update organizations set application_policy = $1 where slug = 'vault'`, policy);
  const approve = async (ceiling: Columns) =>
    worldIn(server.database.db).approval(
      { id: await idOf(server.database.db, 'vault'), slug: 'vault' },
      demoApp,
      ceiling,
    );

  beforeAll(() => setPolicy('approval_required'));
  afterEach(() => run('delete from application_approvals'));
  afterAll(() => setPolicy('open'));

  test('organization_policy, before it has: it has to approve', async () => {
    const told = await decide({ action: write, resource: audit, asker: vaultApi });
    expect(told).toEqual({ reason: 'organization_policy', fix: { approval: write } });
  });

  test('organization_policy, where it approved other scopes', async () => {
    await approve({ scope: read });
    expect(await decide({ action: read, resource: audit })).toBe(true);
    const told = await decide({ action: write, resource: audit });
    expect(told).toEqual({ reason: 'organization_policy', fix: { approval: write } });
  });

  test('organization_policy, where it keeps the application out: no approval helps', async () => {
    const kind = `select id, $1 as client from organizations where slug = 'vault'`;
    await run(`update organizations set shuts_out = true where slug = 'vault'`);
    await run(`insert into application_shut_outs (organization_id, client_id) ${kind}`, demoApp.id);
    const told = await decide({ action: write, resource: audit });
    await run('delete from application_shut_outs');
    expect(told).toEqual({ reason: 'organization_policy' });
  });

  test('production_excluded, where it approved no production branches', async () => {
    await approve({ production: false });
    expect(await decide({ action: write, resource: audit })).toBe(true);
    const told = await decide({ action: write, resource: main });
    expect(told).toEqual({ reason: 'production_excluded', fix: { approval: write } });
  });
});

describe('resource_unknown, without a fix', () => {
  const unknown = { reason: 'resource_unknown' };

  test.each([
    'organizations/vault/databases/ledger/branches/nowhere',
    'organizations/nowhere',
    'external:nothing',
    `br_${'0'.repeat(32)}`,
    '../ledger',
    'ledger\0',
    'external:\ud800',
  ])('%s', async (resource) => {
    expect(await decide({ action: read, resource, type: 'branch' })).toEqual(unknown);
  });

  test.each(['organization', 'database', 'user', 'Branch', 'planet'])(
    'a branch that is said to be of the type %s',
    async (type) => {
      expect(await decide({ action: read, resource: main, type })).toEqual(unknown);
    },
  );

  test("what is not the asker's organization's, like what is not there at all", async () => {
    const { db } = server.database;
    const elsewhere = [
      `${shop}/branches/main`,
      printId('branch', await idOf(db, 'acme/shop/main')),
      'organizations/acme/databases/analytics/branches/dev',
      `${shop}/branches/nowhere`,
    ];
    for (const action of [read, 'database:promote_branches', 'create_branches']) {
      for (const resource of elsewhere) {
        const about = { action, resource, type: 'branch', asker: vaultApi };
        expect(await decide(about)).toEqual(unknown);
      }
    }
    const account = { action: 'user:read_user', resource: 'user', asker: vaultApi };
    expect(await decide(account)).toEqual(unknown);
  });
});

test('a token that is bound to a key is permitted with that key', async () => {
  const { code, verifier } = await obtainCode(server, demoApp, email, scope);
  const key = await createDpopKey();
  const proof = await key.proof(`${server.issuer}/oauth/token`);
  const { body } = await redeem(server, demoApp, code, verifier, {}, proof);
  expect(await decide({ action: read, resource: main, token: body.access_token })).toEqual({
    decision: true,
    context: { cnf: { jkt: key.jkt } },
  });
  const denied = { action: 'database:delete_branches', resource: main, token: body.access_token };
  expect(await decide(denied)).toEqual({ reason: 'production_excluded' });
});

describe('a user', () => {
  const ask = async (id: string, action: string, resource: string, asker = demoApi) => {
    const { body } = await callAccess(
      server,
      'evaluation',
      {
        subject: { type: 'user', id },
        action: { name: action },
        resource: { type: typeOf(resource), id: resource },
      },
      { asker },
    );
    return body;
  };

  test.each([
    ['that nobody is', printId('user', randomUUID())],
    ['by no id of ours', 'alice@example.test'],
  ])('%s is unknown, as the platform is told', async (_what, id) => {
    seen.add('subject_unknown');
    for (const action of ['view_branches', read]) {
      expect(await ask(id, action, main)).toEqual({
        decision: false,
        context: { reason: 'subject_unknown' },
      });
    }
  });

  test('that is suspended has none any more', async () => {
    const [account] = await run('select id from accounts where email = $1', email);
    const id = printId('user', account?.['id'] ?? '');
    expect(await ask(id, 'view_branches', main)).toEqual({ decision: true });
    await run(`update accounts set status = 'suspended' where email = $1`, email);
    expect(await ask(id, 'view_branches', main)).toMatchObject({
      context: { reason: 'role_insufficient' },
    });
    await run(`update accounts set status = 'active' where email = $1`, email);
  });

  test("is none of an organization's business, not even where it has a role there", async () => {
    const [account] = await run('select id from accounts where email = $1', email);
    const id = printId('user', account?.['id'] ?? '');
    expect(await ask(id, 'view_branches', main, vaultApi)).toEqual({
      decision: false,
      context: { reason: 'resource_unknown' },
    });
  });
});

test('these were all of the closed list, and nothing beside it', () => {
  expect([...seen].sort()).toEqual([
    'acts_elsewhere',
    'application_suspended',
    'not_in_grant',
    'organization_policy',
    'production_excluded',
    'resource_unknown',
    'role_insufficient',
    'scope_missing',
    'subject_unknown',
    'token_inactive',
  ]);
});
