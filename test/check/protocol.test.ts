/**
 * AuthZEN Authorization API 1.0, sections 6, 7, 9 and 10: what a request may look like, and what
 * comes back, whatever is decided.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { type AccessCall, callAccess } from '../support/access.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApi, demoApp, obtainTokens, vaultApi } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const scope = 'database:read_branches';
const kind = 'organizations/acme/databases/shop/branches';
const branch = (name: string) => ({ type: 'branch', id: `${kind}/${name}` });

const server = forAllTests(startTestServer);
let subject: { type: string; id: string };

beforeAll(async () => {
  await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/shop']);
  const { access_token: id } = await obtainTokens(server, demoApp, 'member@acme.test', scope);
  subject = { type: 'access_token', id };
});

const action = { name: scope };
const call = (path: string, sent: unknown, how?: AccessCall) => callAccess(server, path, sent, how);
const whole = () => ({ subject, action, resource: branch('main') });

describe('a request is taken', () => {
  test.each<[what: string, extra: object]>([
    ['as it is', {}],
    ['with a context', { context: { time: '2026-01-12T10:00:00Z', ip: '192.0.2.1' } }],
    ['with members that nobody knows', { foo: 'bar', futureField: { nested: true } }],
  ])('%s', async (_what, extra) => {
    const { status, headers, body } = await call('evaluation', { ...whole(), ...extra });
    expect([status, body]).toEqual([200, { decision: true }]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('with properties, which decide nothing', async () => {
    const properties = { role: 'organization_admin', production: false, deep: { a: [1] } };
    const { body } = await call('evaluation', {
      subject: { ...subject, properties },
      action: { name: 'database:write_branches', properties },
      resource: { ...branch('main'), properties },
    });
    expect(body).toMatchObject({ decision: false, context: { reason: 'scope_missing' } });
  });

  test.each(['bfe9eb29-ab87-4ca3-be83-a1d5d8305716', 'any text, "quotes" too'])(
    'under the id %s, which is sent back, also with a refusal',
    async (id) => {
      const headers = { 'x-request-id': id };
      for (const how of [{ headers }, { headers, asker: { ...demoApi, secret: 'wrong' } }]) {
        const answer = await call('evaluation', whole(), how);
        expect(answer.headers.get('x-request-id')).toBe(id);
      }
      const malformed = await call('evaluations', '{', { headers });
      expect(malformed.status).toBe(400);
      expect(malformed.headers.get('x-request-id')).toBe(id);
    },
  );

  test('with the scheme of the credentials in any letters (RFC 9110 section 11.1)', async () => {
    const pair = Buffer.from('demo-api:demo-api-secret').toString('base64');
    for (const scheme of ['basic', 'BASIC']) {
      const headers = { authorization: `${scheme} ${pair}` };
      expect(await call('evaluation', whole(), { headers })).toMatchObject({ status: 200 });
    }
  });
});

describe('a request is refused with 400', () => {
  const without = (name: string) => () => ({ ...whole(), [name]: undefined });
  test.each<[what: string, sent: () => unknown]>([
    ['without a subject', without('subject')],
    ['without an action', without('action')],
    ['without a resource', without('resource')],
    ['without a subject type', () => ({ ...whole(), subject: { id: subject.id } })],
    ['without a subject id', () => ({ ...whole(), subject: { type: 'access_token' } })],
    ['without an action name', () => ({ ...whole(), action: {} })],
    ['without a resource type', () => ({ ...whole(), resource: { id: branch('main').id } })],
    ['without a resource id', () => ({ ...whole(), resource: { type: 'branch' } })],
    ['with a subject that is a text', () => ({ ...whole(), subject: subject.id })],
    ['with an action name that is a number', () => ({ ...whole(), action: { name: 123 } })],
    ['with a context that is a list', () => ({ ...whole(), context: [] })],
    ['with an empty id', () => ({ ...whole(), resource: { type: 'branch', id: '' } })],
    ['with a subject of another type', () => ({ ...whole(), subject: { type: 'robot', id: '1' } })],
    ['with an action that there is not', () => ({ ...whole(), action: { name: 'fly' } })],
    ['with a scope by its bare name', () => ({ ...whole(), action: { name: 'read_branches' } })],
    ['that is a list', () => [whole()]],
    ['that is null', () => 'null'],
    ['that is no JSON', () => '{"subject":'],
    ['that is empty', () => ''],
    ['of more than a megabyte', () => ({ ...whole(), pad: 'x'.repeat(1_100_000) })],
  ])('%s', async (_what, sent) => {
    for (const path of ['evaluation', 'evaluations']) {
      const { status, body, headers } = await call(path, sent());
      expect([path, status, body.error]).toEqual([path, 400, 'invalid_request']);
      expect(body.error_description).toEqual(expect.any(String));
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('that is not UTF-8', async () => {
    const pair = Buffer.from('demo-api:demo-api-secret').toString('base64');
    const bytes = Buffer.from(JSON.stringify({ ...whole(), pad: 'é' }), 'latin1');
    const response = await fetch(`${server.issuer}/access/v1/evaluation`, {
      method: 'POST',
      headers: { authorization: `Basic ${pair}`, 'content-type': 'application/json' },
      body: bytes,
    });
    expect(response.status).toBe(400);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
    'with the content type %s',
    async (type) => {
      const { status } = await call('evaluation', whole(), { headers: { 'content-type': type } });
      expect(status).toBe(400);
    },
  );
});

describe('evaluations', () => {
  test.each<[what: string, extra: object]>([
    ['are absent', {}],
    ['are empty', { evaluations: [] }],
  ])('that %s: the answer is that of a single one (section 7.1)', async (_what, extra) => {
    const permitted = await call('evaluations', { ...whole(), ...extra });
    expect([permitted.status, permitted.body]).toEqual([200, { decision: true }]);
    const denied = { ...whole(), action: { name: 'manage_database' }, ...extra };
    expect(await call('evaluations', denied)).toEqual(
      expect.objectContaining({
        status: 200,
        body: { decision: false, context: expect.objectContaining({ reason: expect.any(String) }) },
      }),
    );
  });

  test('each whole, without defaults', async () => {
    const { body } = await call('evaluations', { evaluations: [whole(), whole()] });
    expect(body).toEqual({ evaluations: [{ decision: true }, { decision: true }] });
  });

  test('what one has itself takes the place of the default as a whole', async () => {
    const { body } = await call('evaluations', {
      ...whole(),
      evaluations: [
        {},
        { action: { name: 'database:write_branches' } },
        { resource: { type: 'branch' } },
        { subject: { type: 'access_token', id: 'usher_at_nothing' } },
        { context: { time: '2026-01-12T10:00:00Z' } },
      ],
    });
    expect(body.evaluations).toMatchObject([
      { decision: true },
      { decision: false, context: { reason: 'scope_missing' } },
      { decision: false, context: { error: { status: 400 } } },
      { decision: false, context: { reason: 'token_inactive' } },
      { decision: true },
    ]);
  });

  test.each<[what: string, fault: unknown]>([
    ['nothing', {}],
    ['null', null],
    ['a text', 'main'],
    ['a list', []],
    ['a resource without id', { resource: { type: 'branch' } }],
    ['a resource of a wrong type', { resource: 'main' }],
    ['a token of 2,000 characters', { subject: { type: 'access_token', id: 'x'.repeat(2_000) } }],
    ['an action that there is not', { action: { name: 'fly' } }],
  ])('a fault in one (%s) leaves the others alone, in their order', async (_what, fault) => {
    const { status, body } = await call('evaluations', {
      subject,
      action,
      evaluations: [{ resource: branch('main') }, fault, { resource: branch('staging') }],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      evaluations: [
        { decision: true },
        { decision: false, context: { error: { status: 400, message: expect.any(String) } } },
        { decision: true },
      ],
    });
  });

  test('a default that is not whole harms only those that use it', async () => {
    const { body } = await call('evaluations', {
      subject,
      action,
      resource: { type: 'branch' },
      evaluations: [{ resource: branch('main') }, {}],
    });
    expect(body.evaluations).toMatchObject([{ decision: true }, { decision: false }]);
  });

  test.each<[semantic: string, decisions: boolean[]]>([
    ['execute_all', [true, false, false, true]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ])('%s, where a fault counts as a denial', async (evaluations_semantic, decisions) => {
    const { body } = await call('evaluations', {
      subject,
      action,
      options: { evaluations_semantic, another_option: 'value' },
      evaluations: [
        { resource: branch('main') },
        {},
        { resource: branch('nowhere') },
        { resource: branch('staging') },
      ],
    });
    expect(body.evaluations.map((one: { decision: boolean }) => one.decision)).toEqual(decisions);
  });

  test.each<[what: string, extra: object]>([
    ['1,001 of them', { evaluations: Array.from({ length: 1_001 }, () => ({})) }],
    ['no list', { evaluations: {} }],
    ['an unknown semantic', { options: { evaluations_semantic: 'guess' }, evaluations: [{}] }],
  ])('%s: 400', async (_what, extra) => {
    const { status, body } = await call('evaluations', { ...whole(), ...extra });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });
});

test.each([
  ['GET', 'evaluation', 405],
  ['PUT', 'introspections', 405],
  ['POST', 'search/subject', 404],
  ['GET', 'evaluations/', 404],
])('%s /access/v1/%s: %i, as JSON', async (method, path, status) => {
  const response = await fetch(`${server.issuer}/access/v1/${path}`, { method });
  expect(response.status).toBe(status);
  expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
  expect(await response.json()).toMatchObject({ error: 'invalid_request' });
});

describe('who may ask', () => {
  test.each<[who: string, how: AccessCall]>([
    ['nobody', { headers: { authorization: undefined } }],
    ['a wrong secret', { asker: { ...demoApi, secret: 'wrong' } }],
    ['an application', { asker: demoApp }],
    ['the token itself', { headers: { authorization: 'Bearer usher_at_x' } }],
    ['what is not base64', { headers: { authorization: 'Basic ???' } }],
    ['an id with a NUL', { asker: { ...demoApi, id: 'demo-api\0' } }],
  ])('not %s: 401 with a challenge, before the body is looked at', async (_who, how) => {
    for (const path of ['evaluation', 'evaluations', 'introspections']) {
      const { status, headers, body } = await call(path, '{', how);
      expect([status, body.error]).toEqual([401, 'invalid_client']);
      expect(headers.get('www-authenticate')).toBe(`Basic realm="${server.issuer}"`);
    }
  });

  test("an organization's resource server learns nothing of another's", async () => {
    const { status, body } = await call('evaluation', whole(), { asker: vaultApi });
    expect([status, body]).toEqual([
      200,
      { decision: false, context: { reason: 'token_inactive' } },
    ]);
  });
});

test('the metadata names the PDP and its two endpoints (section 9)', async () => {
  const response = await fetch(`${server.issuer}/.well-known/authzen-configuration`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({
    policy_decision_point: server.issuer,
    access_evaluation_endpoint: `${server.issuer}/access/v1/evaluation`,
    access_evaluations_endpoint: `${server.issuer}/access/v1/evaluations`,
  });
});
