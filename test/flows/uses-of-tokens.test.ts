/** Whichever way a resource server asks about a token, what it was answered counts as used. */

import { beforeAll, beforeEach, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { callAccess } from '../support/access.ts';
import { postWithAssertion, registerWithKey } from '../support/assertions.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApi, demoApp, idOf, obtainTokens, post } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const email = 'member@acme.test';
const scope = 'database:read_branches';
const shop = 'organizations/acme/databases/shop';

const server = forAllTests(startTestServer);
let token: string;

beforeAll(async () => {
  await consentTo(server, demoApp, email, scope, ['acme/shop']);
  token = (await obtainTokens(server, demoApp, email, scope)).access_token;
});
beforeEach(async () => {
  await sql('delete from application_uses');
  await sql('delete from application_scope_uses');
});

const sql = (text: string) => server.database.db.query(statement(text));

async function uses(): Promise<number> {
  await server.uses.flush();
  const [row] = await server.database.db.query<{ uses: number }>(
    statement('select coalesce(sum(uses), 0)::int as uses from application_uses'),
  );
  return row?.uses ?? 0;
}

const evaluation = (name: string, id = shop, type = 'database') => ({
  subject: { type: 'access_token', id: token },
  action: { name },
  resource: { type, id },
});

test.each<[how: string, counted: number, ask: () => Promise<unknown>]>([
  ['plainly', 1, () => post(server, '/oauth/introspect', demoApi, { token, resource: shop })],
  ['about everything', 1, () => post(server, '/oauth/introspect', demoApi, { token })],
  [
    'in a way that only the library reads',
    1,
    () =>
      post(server, '/oauth/introspect', demoApi, { token, resource: shop, token_type_hint: '' }),
  ],
  ['with a key', 1, () => askWithKey({ token, resource: shop })],
  [
    'many at once',
    2,
    () =>
      callAccess(server, 'introspections', {
        questions: [shop, shop, 'x'].map((resource) => ({ token, resource })),
      }),
  ],
  [
    'for a decision',
    1,
    () => callAccess(server, 'evaluation', evaluation(scope, `${shop}/branches/main`, 'branch')),
  ],
  [
    'for many decisions, of which some deny',
    1,
    () =>
      callAccess(server, 'evaluations', {
        evaluations: [
          evaluation('view_database'),
          evaluation('database:write_branches', `${shop}/branches/main`, 'branch'),
          evaluation(scope, `${shop}/branches/main`, 'branch'),
          {},
        ],
      }),
  ],
  [
    'without the right secret',
    0,
    () =>
      post(server, '/oauth/introspect', { ...demoApi, secret: 'wrong' }, { token, resource: shop }),
  ],
  [
    'as the application itself',
    0,
    () => post(server, '/oauth/introspect', demoApp, { token, resource: shop }),
  ],
])('asked %s, %i are counted', async (_how, counted, ask) => {
  await ask();
  expect(await uses()).toBe(counted);
});

test('at the management API: what is read, and what is listed', async () => {
  const { db } = server.database;
  const [acme, id] = [await idOf(db, 'acme'), await idOf(db, 'acme/shop')];
  const path = `${printId('organization', acme)}/databases/${printId('database', id)}/branches`;
  const response = await fetch(`${server.issuer}/api/v1/organizations/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { items } = (await response.json()) as { items: unknown[] };
  expect(items.length).toBeGreaterThan(0);
  expect(await uses()).toBe(items.length + 1);
  expect(await sql('select scope from application_scope_uses')).toEqual([{ scope }]);
});

async function askWithKey(fields: Record<string, string>) {
  const api = await registerWithKey(server);
  await sql(
    `update clients set resource_server = 'platform', is_dynamic = false where id = '${api.id}'`,
  );
  const assertion = await api.assertion();
  const { body } = await postWithAssertion(server, '/oauth/introspect', assertion, fields);
  expect(body).toMatchObject({ active: true });
}
