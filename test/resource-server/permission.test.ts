/** AuthZEN: routes that require a permission, whatever scope gives it; and the reason of a denial. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createResourceServer,
  type GuardOptions,
  type ResourceServer,
} from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { demoApp, post } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type BadLine, changed, type Fault, openBadLine } from './bad-line.ts';
import { asDemoApi, branchScopes, printedId, tokenFor } from './setting.ts';

const shop = 'organizations/acme/databases/shop';

let line: BadLine;
let usher: TestServer;
let server: ResourceServer;
let failures: string[];
let token: string;

beforeAll(async () => {
  line = await openBadLine();
  usher = await startTestServer({ ISSUER: line.url });
  line.usherPort = usher.config.port;
  failures = [];
  server = createResourceServer({
    ...asDemoApi(usher),
    onFailure: ({ code }) => failures.push(code),
  });
  token = await tokenFor(usher, 'developer@acme.test', branchScopes, ['acme/shop']);
});

afterAll(async () => {
  server.close();
  await usher.close();
  await line.close();
});

type Wanted = Omit<GuardOptions<Request>, 'resource'>;

/** Asks for a permission, as a route for that resource does. */
async function ask(permission: string, resource: string, bearer = token, wanted: Wanted = {}) {
  const guard = server.requirePermission(permission, { ...wanted, resource: () => resource });
  const headers = { authorization: `Bearer ${bearer}` };
  const verdict = await guard(new Request('https://api.test/', { headers }));
  if (verdict.ok) return { status: 200, path: verdict.token.resource.path };
  const { status, headers: sent } = verdict.response;
  const body = await verdict.response.json();
  return { status, challenge: sent.get('www-authenticate'), body };
}

test.each(['staging', 'feature-x'])('a developer creates and deletes on %s', async (branch) => {
  const path = `${shop}/branches/${branch}`;
  expect(await ask('create_branches', path)).toEqual({ status: 200, path });
  const id = await printedId(usher, `acme/shop/${branch}`);
  expect(await ask('delete_development_branches', id)).toEqual({ status: 200, path });
});

test('what the token was not given for is told, with the scope to ask for', async () => {
  const { status, challenge, body } = await ask('promote_branches', `${shop}/branches/staging`);
  expect({ status, body }).toMatchObject({
    status: 403,
    body: { error: 'insufficient_scope', reason: 'scope_missing' },
  });
  expect(challenge).toMatch(/scope="[a-z]+:promote_branches"/);
});

test('what the role does not give is told, without a scope that would not help', async () => {
  const dba = await tokenFor(usher, 'dba@acme.test', branchScopes, ['acme/shop']);
  const path = `${shop}/branches/main`;
  expect(await ask('manage_database', path, dba)).toMatchObject({ status: 200 });
  await usher.database.db.query(
    statement(`delete from database_roles where account_id =
      (select id from accounts where email = 'dba@acme.test')`),
    [],
  );
  const { status, challenge, body } = await ask('manage_database', path, dba);
  expect({ status, body }).toMatchObject({ status: 403, body: { reason: 'role_insufficient' } });
  expect(challenge).not.toContain('scope=');
});

test.each([
  ['another database', 'organizations/acme/databases/analytics'],
  ['one that is not there', 'organizations/acme/databases/none'],
])('%s looks like any other that is not there', async (_what, path) => {
  const told = await ask('view_database', path);
  expect(told).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  expect(told.body).not.toHaveProperty('reason');
  expect(await ask('view_database', path, token, { hide: true })).toMatchObject({ status: 404 });
});

test('a resource of another kind than the route is about is refused', async () => {
  const path = `${shop}/branches/staging`;
  const database = { type: 'database' } as const;
  expect(await ask('create_branches', path, token, database)).toMatchObject({ status: 403 });
});

test('the account', async () => {
  const own = await tokenFor(usher, 'member@acme.test', 'user:read_user', ['user']);
  expect(await ask('view_branches', 'user', own)).toMatchObject({ status: 403 });
});

test('a revoked token', async () => {
  const short = await tokenFor(usher, 'team@acme.test', 'database:read_branches', ['acme/shop']);
  const path = `${shop}/branches/main`;
  expect(await ask('view_branches', path, short)).toMatchObject({ status: 200 });
  await post(usher, '/oauth/revoke', demoApp, { token: short });
  expect(await ask('view_branches', path, short)).toMatchObject({ status: 401 });
});

test('a permission that Usher does not know is a mistake of this server', async () => {
  failures.length = 0;
  expect(await ask('fly', `${shop}/branches/main`)).toMatchObject({ status: 500 });
  expect(failures).toEqual(['unknown_permission']);
});

test.each(['', 'database:read_branches', 'Create', undefined])('%s is no permission', (name) => {
  const options = { resource: () => 'user' };
  expect(() => server.requirePermission(name as string, options)).toThrow(TypeError);
  expect(() => server.koa.requirePermission(name as string, options)).toThrow(TypeError);
});

/** A change of the decision alone. */
function changedDecision(change: unknown): Fault {
  return changed(({ body }) => ({
    body: 'evaluations' in JSON.parse(body) ? JSON.stringify({ evaluations: [change] }) : body,
  }));
}

test.each([
  ['nothing', null],
  ['a text', { decision: 'true' }],
  ['a number', { decision: 1 }],
  ['no decision', { context: {} }],
  ['a list', [{ decision: true }]],
])('a decision that is %s: 503', async (_what, change) => {
  failures.length = 0;
  line.fault = changedDecision(change);
  expect(await ask('view_branches', `${shop}/branches/main`)).toMatchObject({ status: 503 });
  expect(failures).toEqual(['malformed_answer']);
  line.fault = undefined;
});
