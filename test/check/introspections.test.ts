/** Many tokens in one call: each question is answered as introspection answers it alone. */

import { beforeAll, describe, expect, test, vi } from 'vitest';
import { names, scopesActingOn } from '../../src/catalogue/scope-set.ts';
import { printId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { callAccess } from '../support/access.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  idOf,
  introspectAs,
  obtainCode,
  obtainTokens,
  redeem,
  type TestClient,
  vaultApi,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { worldIn } from '../support/world.ts';

const scope = 'openid user:read_user database:read_branches database:write_branches';
const shop = 'organizations/acme/databases/shop';
const ledger = 'organizations/vault/databases/ledger';

const server = forAllTests(startTestServer);
let tokens: string[];
let resources: (string | undefined)[];
let askers: TestClient[];

beforeAll(async () => {
  const { db } = server.database;
  const consultant = 'consultant@vault.test';
  await consentTo(server, demoApp, consultant, scope, ['user', 'acme/shop', 'vault/ledger']);
  await consentTo(server, demoApp, 'member@acme.test', scope, ['acme/shop']);
  const one = await obtainTokens(server, demoApp, consultant, scope);
  const two = await obtainTokens(server, demoApp, 'member@acme.test', scope);
  const dead = await obtainTokens(server, demoApp, consultant, scope);
  const forOther = await obtainTokens(server, demoApp, consultant, scope);
  await change(dead.access_token, `expires_at = now() - interval '1 second'`);
  await change(forOther.access_token, `payload = payload || '{"aud":"https://other.test"}'`);
  tokens = [one.access_token, two.access_token, dead.access_token, forOther.access_token];
  tokens.push(one.refresh_token, await boundToken(consultant), 'usher_at_nothing', 'ümlaut', '\0');
  resources = [undefined, 'user', shop, `${shop}/branches/main`, `${ledger}/branches/audit`];
  resources.push(printId('branch', await idOf(db, 'acme/shop/main')), 'external:none', 'x\0');
  askers = [demoApi, vaultApi, await resourceServer({ requires_resource: true })];
  askers.push(await resourceServer({ audience: 'https://other.test' }));
});

async function change(token: string, set: string): Promise<void> {
  const text = `update tokens set ${set} where id = $1`;
  await server.database.db.query(statement(text), [sha256(token)]);
}

async function boundToken(email: string): Promise<string> {
  const { code, verifier } = await obtainCode(server, demoApp, email, scope);
  const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
  return (await redeem(server, demoApp, code, verifier, {}, proof)).body.access_token;
}

/** Another one of the platform. */
async function resourceServer(columns: object): Promise<TestClient> {
  const { db } = server.database;
  const { id } = await worldIn(db).client({ resource_server: 'platform', ...columns });
  const secret = `secret-of-${id}-0123456789`;
  await addClientSecret(db, id, secret);
  return { id, secret, redirectUri: '' };
}

/** With a body of this size the credentials are looked at before it is read, and again after. */
const aLargeBody = 'x'.repeat(20_000);

const ask = (sent: unknown, asker: TestClient = demoApi) =>
  callAccess(server, 'introspections', sent, { asker });

test('every token, on every resource, for every resource server', async () => {
  const questions = tokens.flatMap((token) =>
    resources.map((resource) => (resource === undefined ? { token } : { token, resource })),
  );
  for (const asker of askers) {
    const { status, headers, body } = await ask({ questions }, asker);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const alone = [];
    for (const { token, resource } of questions.map((one) => ({ resource: undefined, ...one }))) {
      alone.push(await introspectAs(server, asker, token, resource));
    }
    expect(body).toEqual({ answers: alone });
    const active = body.answers.filter((answer: { active: boolean }) => answer.active);
    expect(active.length).toBeGreaterThan(5);
    expect(active.length).toBeLessThan(questions.length);
  }
});

test('1,000 questions are two statements, beside those for the credentials', async () => {
  const questions = Array.from({ length: 1_000 }, (_, n) => ({
    token: tokens[n % tokens.length],
    ...(n % 2 === 0 && { resource: resources[1 + (n % (resources.length - 1))] }),
  }));
  const query = vi.spyOn(server.database.db, 'query');
  const { body } = await ask({ questions });
  const looked = query.mock.calls.filter(([{ text }]) => text.includes('with askers as'));
  expect(looked).toHaveLength(2);
  query.mockRestore();
  expect(body.answers).toHaveLength(1_000);
});

test('1,000 evaluations of many tokens are one statement', async () => {
  const actions = names(scopesActingOn.branch);
  const evaluations = Array.from({ length: 1_000 }, (_, n) => ({
    subject: { type: 'access_token', id: tokens[n % 6] },
    action: { name: actions[n % actions.length] },
    resource: { type: 'branch', id: `${shop}/branches/${n % 2 === 0 ? 'main' : 'staging'}` },
  }));
  const query = vi.spyOn(server.database.db, 'query');
  await ask({ questions: [], padding: aLargeBody });
  const forCredentials = query.mock.calls.length;
  query.mockClear();
  const { body } = await callAccess(server, 'evaluations', { evaluations });
  expect(query.mock.calls.length).toBe(forCredentials + 1);
  query.mockRestore();
  expect(body.evaluations).toHaveLength(1_000);
});

describe('refused with 400', () => {
  test.each<[what: string, sent: unknown]>([
    ['no questions', {}],
    ['no list', { questions: { token: 'x' } }],
    ['1,001 questions', { questions: Array.from({ length: 1_001 }, () => ({ token: 'x' })) }],
    ['a question without a token', { questions: [{ resource: 'user' }] }],
    ['an empty token', { questions: [{ token: '' }] }],
    ['an empty resource', { questions: [{ token: 'x', resource: '' }] }],
    ['two resources in one question', { questions: [{ token: 'x', resource: ['user', 'user'] }] }],
    ['no JSON', 'questions=1'],
  ])('%s', async (_what, sent) => {
    const { status, body } = await ask(sent);
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });
});
