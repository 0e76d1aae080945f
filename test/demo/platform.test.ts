/** The demo's resource server asks about the very thing it touches, and refuses as RFC 6750 says. */

import { beforeAll, expect, test } from 'vitest';
import { names, scopesActingOn, union } from '../../src/catalogue/scope-set.ts';
import { actionsOn } from '../../src/demo/actions.ts';
import type { PlatformAnswer } from '../../src/demo/platform.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp, obtainCode, obtainTokens, post, redeem } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const scope = 'database:read_branches database:write_branches user:read_user';
const shop = 'organizations/acme/databases/shop';

const server = forAllTests(startTestServer);
let token: string;
beforeAll(async () => {
  await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/shop', 'user']);
  token = (await obtainTokens(server, demoApp, 'member@acme.test', scope)).access_token;
});

const act = async (place: string, action: string, authorization?: string) => {
  const response = await fetch(`${server.issuer}/demo/api/${place}`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams({ action }),
  });
  const challenge = response.headers.get('www-authenticate');
  const body = (await response.json()) as PlatformAnswer;
  return { status: response.status, challenge, body };
};

test('does what the token may do there', async () => {
  const { status, body } = await act(
    `${shop}/branches/staging`,
    'write_branches',
    `Bearer ${token}`,
  );
  expect(status).toBe(200);
  expect(body.message).toContain('database:write_branches');
  expect(body.heard?.['resource']).toMatchObject({ path: `${shop}/branches/staging` });
});

test('refuses the same action on a branch where the role does not give it', async () => {
  const { status, challenge, body } = await act(
    `${shop}/branches/main`,
    'write_branches',
    `bearer ${token}`,
  );
  expect(status).toBe(403);
  expect(challenge).toBe('Bearer error="insufficient_scope"');
  expect(body.heard).toMatchObject({ active: true, scope: 'database:read_branches' });
});

test('knows the account as a place', async () => {
  expect((await act('user', 'read_user', `Bearer ${token}`)).status).toBe(200);
});

test('refuses a dead token, and a request without one', async () => {
  const dead = await act(shop, 'read_database', `Bearer ${token}x`);
  expect(dead).toMatchObject({ status: 401, challenge: 'Bearer error="invalid_token"' });
  expect(await act(shop, 'read_database')).toMatchObject({ status: 401, challenge: 'Bearer' });
  expect((await act(shop, 'read_database', 'Basic eDp5')).status).toBe(401);
});

test('refuses a token that is bound to a key, since it checks no proofs', async () => {
  const { code, verifier } = await obtainCode(server, demoApp, 'member@acme.test', scope);
  const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
  const { body } = await redeem(server, demoApp, code, verifier, {}, proof);
  expect(body.token_type).toBe('DPoP');
  const answer = await act('user', 'read_user', `Bearer ${body.access_token}`);
  expect(answer).toMatchObject({ status: 401, challenge: 'Bearer error="invalid_token"' });
  expect(answer.body.heard).toMatchObject({ active: true });
});

test.each([
  ['organizations/nobody', 'read_organization'],
  [shop, 'fly'],
  ['user/../organizations/acme', 'fly'],
])('does not know %s, %s', async (place, action) => {
  expect((await act(place, action, `Bearer ${token}`)).status).toBe(404);
});

test('a revoked token is dead at the next request', async () => {
  await post(server, '/oauth/revoke', demoApp, { token });
  expect((await act('user', 'read_user', `Bearer ${token}`)).status).toBe(401);
});

test('every scope of the catalogue allows exactly one action', () => {
  for (const kind of ['user', 'organization', 'database', 'branch'] as const) {
    const allowed = actionsOn[kind].map(({ allowedBy }) => allowedBy);
    expect(allowed.reduce(union)).toBe(scopesActingOn[kind]);
    expect(allowed.flatMap(names)).toHaveLength(names(scopesActingOn[kind]).length);
  }
});

test('/demo is not there outside demo mode', async () => {
  const other = await startTestServer({ DEMO: 'off' });
  const get = (path: string) => fetch(`${other.issuer}${path}`);
  expect((await get('/demo')).status).toBe(404);
  expect((await get('/demo/playground')).status).toBe(404);
  await other.close();
});
