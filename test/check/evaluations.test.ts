/** AuthZEN Authorization API 1.0: decisions for resource servers, with the reason of each denial. */

import { beforeAll, describe, expect, test } from 'vitest';
import { names, scopesActingOn } from '../../src/catalogue/scope-set.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  idOf,
  introspectAs,
  obtainTokens,
  type TestClient,
  vaultApi,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const asked =
  'user:read_user database:read_database database:read_branches database:write_branches database:promote_branches';
const main = 'organizations/acme/databases/shop/branches/main';
const staging = 'organizations/acme/databases/shop/branches/staging';
const shop = 'organizations/acme/databases/shop';

const server = forAllTests(startTestServer);
let token: string;

beforeAll(async () => {
  await consentTo(
    server,
    demoApp,
    'member@acme.test',
    asked.replace(/ database:promote_branches/, ''),
    ['user', 'acme/shop'],
  );
  token = (
    await obtainTokens(
      server,
      demoApp,
      'member@acme.test',
      asked.replace(/ database:promote_branches/, ''),
    )
  ).access_token;
});

const sql = (text: string, values: unknown[] = []) =>
  server.database.db.query<Record<string, string>>(statement(text), values);

async function call(path: string, body: unknown, asker: TestClient = demoApi, raw = false) {
  const credentials = Buffer.from(`${asker.id}:${asker.secret}`).toString('base64');
  const response = await fetch(`${server.issuer}/access/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: raw ? String(body) : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}

function question(name: string, path: string, type = typeOf(path), subject = tokenSubject()) {
  return { subject, action: { name }, resource: { type, id: path } };
}

const tokenSubject = () => ({ type: 'access_token', id: token });

function typeOf(path: string): string {
  if (path === 'user') return 'user';
  return ['organization', 'database', 'branch'][(path.split('/').length - 2) / 2] ?? '';
}

describe('one evaluation, of a token', () => {
  test.each<[action: string, path: string, decision: object]>([
    ['database:read_branches', main, { decision: true }],
    ['database:write_branches', staging, { decision: true }],
    ['create_branches', staging, { decision: true }],
    ['view_database', shop, { decision: true }],
    ['user:read_user', 'user', { decision: true }],
    [
      'database:write_branches',
      main,
      {
        decision: false,
        context: {
          reason: 'role_insufficient',
          fix: { roles: ['database_admin', 'organization_admin'] },
        },
      },
    ],
    [
      'database:promote_branches',
      staging,
      {
        decision: false,
        context: { reason: 'scope_missing', fix: { request: 'database:promote_branches' } },
      },
    ],
    [
      'database:read_branches',
      'organizations/acme/databases/analytics/branches/dev',
      {
        decision: false,
        context: { reason: 'not_in_grant', fix: { consent: 'database:read_branches' } },
      },
    ],
    ['view_query_statistics', shop, { decision: false, context: { reason: 'scope_missing' } }],
    [
      'database:read_branches',
      'organizations/acme/databases/nowhere',
      { decision: false, context: { reason: 'resource_unknown' } },
    ],
  ])('%s on %s', async (action, path, decision) => {
    expect(await call('evaluation', question(action, path))).toEqual({
      status: 200,
      body: decision,
    });
  });

  test('a type that is not the resource’s is an unknown resource', async () => {
    const { body } = await call('evaluation', question('view_database', shop, 'branch'));
    expect(body).toEqual({ decision: false, context: { reason: 'resource_unknown' } });
  });

  test('an id names the resource as a path does', async () => {
    const id = `br_${(await idOf(server.database.db, 'acme/shop/main')).replaceAll('-', '')}`;
    const { body } = await call('evaluation', question('database:read_branches', id, 'branch'));
    expect(body).toEqual({ decision: true });
  });

  test('another organization’s resource server learns nothing but that', async () => {
    const { body } = await call('evaluation', question('database:read_branches', main), vaultApi);
    expect(body).toEqual({ decision: false, context: { reason: 'token_inactive' } });
  });

  test('a dead token, and a suspended application', async () => {
    const dead = { type: 'access_token', id: 'usher_at_nothing' };
    const { body } = await call('evaluation', question('view_database', shop, 'database', dead));
    expect(body).toEqual({ decision: false, context: { reason: 'token_inactive' } });

    await sql(`update clients set status = 'suspended' where id = 'demo-app'`);
    const suspended = await call('evaluation', question('view_database', shop));
    await sql(`update clients set status = 'active' where id = 'demo-app'`);
    expect(suspended.body).toEqual({
      decision: false,
      context: { reason: 'application_suspended' },
    });
  });

  test('the organization’s policy', async () => {
    await sql(
      `update organizations set application_policy = 'approval_required' where slug = 'vault'`,
    );
    await sql(`update clients set owner_organization_id = null where id = 'demo-app'`);
    await sql(
      `update organizations set application_policy = 'approval_required' where slug = 'acme'`,
    );
    const { body } = await call('evaluation', question('view_database', shop));
    await sql(`update organizations set application_policy = 'open' where slug = 'acme'`);
    expect(body).toEqual({
      decision: false,
      context: { reason: 'organization_policy', fix: { approval: 'database:read_database' } },
    });
  });
});

describe('one evaluation, of a user', () => {
  const of = async (email: string) => {
    const [account] = await sql('select id from accounts where email = $1', [email]);
    return { type: 'user', id: `user_${account?.['id']?.replaceAll('-', '')}` };
  };

  test.each<[email: string, action: string, path: string, decision: object]>([
    ['dba@acme.test', 'promote_branches', main, { decision: true }],
    [
      'team@acme.test',
      'manage_database',
      'organizations/acme/databases/analytics',
      { decision: true },
    ],
    ['admin@acme.test', 'manage_organization', 'organizations/acme', { decision: true }],
    ['dba@acme.test', 'database:write_branches', main, { decision: true }],
    [
      'member@acme.test',
      'promote_branches',
      main,
      {
        decision: false,
        context: {
          reason: 'role_insufficient',
          fix: { roles: ['database_admin', 'organization_admin'] },
        },
      },
    ],
    [
      'member@acme.test',
      'database:delete_branches',
      main,
      { decision: false, context: { reason: 'production_excluded' } },
    ],
  ])('%s: %s on %s', async (email, action, path, decision) => {
    const asked = question(action, path, typeOf(path), await of(email));
    const { status, body } = await call('evaluation', asked);
    expect(status).toBe(200);
    expect(body).toEqual(decision);
  });

  test('a stranger has no role there', async () => {
    const stranger = await of('admin@vault.test');
    const { body } = await call(
      'evaluation',
      question('view_database', shop, 'database', stranger),
    );
    expect(body).toMatchObject({ decision: false, context: { reason: 'role_insufficient' } });
  });

  test('only the platform may ask about people', async () => {
    const asked = question('view_database', shop, 'database', await of('dba@acme.test'));
    const { body } = await call('evaluation', asked, vaultApi);
    expect(body).toEqual({ decision: false, context: { reason: 'resource_unknown' } });
  });
});

describe('many evaluations', () => {
  test('1,000 at once, each as introspection answers it', async () => {
    const kinds = [main, staging, 'organizations/acme/databases/analytics/branches/main'];
    const actions = names(scopesActingOn.branch);
    const evaluations = Array.from({ length: 1000 }, (_, n) => ({
      action: { name: actions[n % actions.length] },
      resource: { type: 'branch', id: kinds[n % kinds.length] },
    }));
    const { body } = await call('evaluations', { subject: tokenSubject(), evaluations });
    expect(body.evaluations).toHaveLength(1000);

    const effective = new Map<string, string>();
    for (const kind of kinds) {
      const answer = await introspectAs(server, demoApi, token, kind);
      effective.set(kind, answer.scope ?? '');
    }
    for (const [n, { action, resource }] of evaluations.entries()) {
      const held = (effective.get(resource.id ?? '') ?? '').split(' ').includes(action.name ?? '');
      expect(body.evaluations[n].decision).toBe(held);
    }
    expect(body.evaluations.some(({ decision }: { decision: boolean }) => decision)).toBe(true);
  });

  test('defaults, and where to stop', async () => {
    const batch = {
      subject: tokenSubject(),
      action: { name: 'database:write_branches' },
      evaluations: [staging, main, staging].map((id) => ({ resource: { type: 'branch', id } })),
    };
    const decisions = async (semantic?: string) => {
      const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } };
      const { body } = await call('evaluations', { ...batch, ...options });
      return body.evaluations.map(({ decision }: { decision: boolean }) => decision);
    };
    expect(await decisions()).toEqual([true, false, true]);
    expect(await decisions('deny_on_first_deny')).toEqual([true, false]);
    expect(await decisions('permit_on_first_permit')).toEqual([true]);
  });

  test('a fault in one leaves the others alone', async () => {
    const { body } = await call('evaluations', {
      subject: tokenSubject(),
      evaluations: [
        { action: { name: 'fly' }, resource: { type: 'branch', id: main } },
        { action: { name: 'view_branches' }, resource: { type: 'branch', id: main } },
        { action: { name: 'view_branches' } },
      ],
    });
    expect(body.evaluations[0].context.error).toMatchObject({ status: 400 });
    expect(body.evaluations[1]).toEqual({ decision: true });
    expect(body.evaluations[2].context.error.message).toContain('resource');
  });

  test('introspection of many tokens in one call', async () => {
    const questions = [
      { token, resource: main },
      { token: 'usher_at_nothing', resource: main },
      { token },
    ];
    const { body } = await call('introspections', { questions });
    expect(body.answers).toEqual([
      await introspectAs(server, demoApi, token, main),
      { active: false },
      await introspectAs(server, demoApi, token),
    ]);
  });
});

describe('who asks, and how', () => {
  test('nobody without a resource server’s secret', async () => {
    const wrong = { ...demoApi, secret: 'wrong' };
    for (const asker of [wrong, demoApp]) {
      const { status, body } = await call('evaluation', question('view_database', shop), asker);
      expect(status).toBe(401);
      expect(body).toMatchObject({ error: 'invalid_client' });
    }
  });

  test.each<[sentence: string, body: string]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no subject', '{"action":{"name":"x"},"resource":{"type":"user","id":"user"}}'],
    ['a number for an id', '{"subject":{"type":"user","id":1}}'],
  ])('malformed: %s', async (_sentence, body) => {
    const { status, body: answer } = await call('evaluation', body, demoApi, true);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ error: 'invalid_request' });
  });

  test('metadata', async () => {
    const response = await fetch(`${server.issuer}/.well-known/authzen-configuration`);
    expect(await response.json()).toEqual({
      policy_decision_point: server.issuer,
      access_evaluation_endpoint: `${server.issuer}/access/v1/evaluation`,
      access_evaluations_endpoint: `${server.issuer}/access/v1/evaluations`,
    });
  });
});
