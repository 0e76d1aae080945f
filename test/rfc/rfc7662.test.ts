/** RFC 7662, Token Introspection, over HTTP: who may ask, what is answered, what is never told. */

import { describe, expect, test } from 'vitest';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { deleteClient, findClient, saveClient } from '../../src/storage/clients/clients.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  demoCli,
  idOf,
  introspectAs,
  obtainTokens,
  post,
  readAnswer,
  type TestClient,
  tinyApp,
  vaultApi,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { age } from '../support/token-rows.ts';

const dba = 'dba@acme.test';
const scope = 'openid user:read_user database:write_branches database:read_database';
const inactive = { active: false };
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, demoApp, dba, scope, ['user', 'acme/shop']),
);

const tokens = (client: TestClient = demoApp) => obtainTokens(server, client, dba, scope, agent);
const ask = (asker: TestClient, token: string, resource?: string) =>
  introspectAs(server, asker, token, resource);

describe('section 2.2, introspection response', () => {
  test('a live token: whose, from whom, until when, for what', async () => {
    const { access_token: token } = await tokens();
    const answer = await ask(demoApi, token);
    expect(answer).toMatchObject({
      active: true,
      iss: server.issuer,
      sub: expect.stringMatching(/^user_/),
      username: dba,
      client_id: 'demo-app',
      token_type: 'Bearer',
      scope,
      authorization_details: [
        { type: 'usher', level: 'user', path: 'user', actions: ['user:read_user'] },
        { type: 'usher', level: 'database', path: 'organizations/acme/databases/shop' },
      ],
    });
    expect(answer.exp - answer.iat).toBe(3600);
  });

  test('with a resource: what holds on that very resource', async () => {
    const { access_token: token } = await tokens();
    const path = 'organizations/acme/databases/shop';
    const [byPath, byId, bySlash] = await Promise.all([
      ask(demoApi, token, path),
      ask(
        demoApi,
        token,
        `db_${(await idOf(server.database.db, 'acme/shop')).replaceAll('-', '')}`,
      ),
      ask(demoApi, token, `/${path}`),
    ]);
    expect(byPath).toMatchObject({
      scope: 'database:read_database',
      resource: { type: 'database', path },
      below: ['database:write_branches'],
    });
    expect(byId).toEqual(byPath);
    expect(bySlash).toEqual(byPath);
    expect(byPath).not.toHaveProperty('authorization_details');
  });

  test('a resource that is not there and one that is not reached look the same', async () => {
    const { access_token: token } = await tokens();
    const hidden = await ask(demoApi, token, 'organizations/acme/databases/analytics');
    expect(hidden).toEqual(await ask(demoApi, token, 'organizations/acme/databases/nothing'));
    expect(hidden).toMatchObject({ active: true });
    expect(hidden).not.toHaveProperty('scope');
  });

  test('a role is followed at once, both ways', async () => {
    const { access_token: token } = await tokens();
    const branch = 'organizations/acme/databases/shop/branches/main';
    const { db } = server.database;
    const [shop] = [await idOf(db, 'acme/shop')];
    const setRole = (role: string) =>
      db.query(
        statement(`update database_roles r set role = $3 from accounts a
                    where a.id = r.account_id and a.email = $1 and r.database_id = $2`),
        [dba, shop, role],
      );
    expect((await ask(demoApi, token, branch)).scope).toBe('database:write_branches');
    await setRole('database_reader');
    expect(await ask(demoApi, token, branch)).not.toHaveProperty('scope');
    await setRole('database_admin');
    expect((await ask(demoApi, token, branch)).scope).toBe('database:write_branches');
  });

  test('every dead token has the same answer, and nothing else in it', async () => {
    const [expired, revoked, altered] = [await tokens(), await tokens(), await tokens()];
    await age(server, expired.access_token, 3601);
    await post(server, '/oauth/revoke', demoApp, { token: revoked.access_token });
    const last = altered.access_token.slice(-1) === 'A' ? 'B' : 'A';
    const dead = [
      expired.access_token,
      revoked.access_token,
      revoked.refresh_token,
      altered.access_token.slice(0, -1) + last,
      `${altered.access_token}x`,
      `usher_at_${'0'.repeat(49)}`,
      'eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.',
      'x',
      ' ',
      '\u0000',
      'ä\ud83d\ude00',
      `' or 1=1 --`,
    ];
    for (const token of dead) {
      const { status, body } = await post(server, '/oauth/introspect', demoApi, { token });
      expect({ token, status, body }).toEqual({ token, status: 200, body: inactive });
    }
  });

  test('nobody keeps an answer', async () => {
    const { access_token: token } = await tokens();
    const { headers } = await post(server, '/oauth/introspect', demoApi, { token });
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('content-type')).toContain('application/json');
  });
});

describe('section 4, who may ask', () => {
  test('a client asks about its own tokens only', async () => {
    const { access_token, refresh_token } = await tokens();
    expect(await ask(demoApp, access_token)).toMatchObject({ active: true });
    expect(await ask(demoApp, refresh_token)).toMatchObject({ active: true, scope });
    for (const token of [access_token, refresh_token]) {
      expect(await ask(tinyApp, token)).toEqual(inactive);
    }
  });

  test('a refresh token is inactive for every resource server', async () => {
    const { refresh_token: token } = await tokens();
    expect(await ask(demoApi, token)).toEqual(inactive);
    expect(await ask(vaultApi, token)).toEqual(inactive);
  });

  test("an organization's resource server sees its own organization only", async () => {
    const { access_token: token } = await tokens();
    expect(await ask(vaultApi, token)).toEqual(inactive);

    const consultant = 'consultant@vault.test';
    const asked = 'user:read_user database:read_database';
    await consentTo(server, demoApp, consultant, asked, ['user', 'acme/shop', 'vault/ledger']);
    const both = await obtainTokens(server, demoApp, consultant, asked);
    const answer = await ask(vaultApi, both.access_token);
    expect(answer.scope).toBe('database:read_database');
    expect(answer.authorization_details).toEqual([
      expect.objectContaining({ path: 'organizations/vault/databases/ledger' }),
    ]);
    const shop = await ask(vaultApi, both.access_token, 'organizations/acme/databases/shop');
    expect(shop).not.toHaveProperty('resource');
  });

  test('the asker proves who it is', async () => {
    const { access_token: token } = await tokens();
    const answer = await post(
      server,
      '/oauth/introspect',
      { ...demoApi, secret: 'wrong' },
      { token },
    );
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    const bearer = await send(`token=${token}`, { authorization: `Bearer ${token}` });
    expect(bearer.status).toBeGreaterThanOrEqual(400);
  });

  test.each([
    ['nothing', {}],
    ["a public client's id", { client_id: demoCli.id }],
    ["a public client's id and no secret", { client_id: demoCli.id, client_secret: '' }],
    ["a public client's id and an assertion of nobody", { client_assertion: '' }],
    ["a confidential client's id", { client_id: demoApp.id }],
    ["a resource server's id", { client_id: demoApi.id }],
    ['the id of nobody', { client_id: 'nobody' }],
  ])('with %s alone nothing is told, of a live token and of a dead one', async (_what, fields) => {
    await consentTo(server, demoCli, dba, scope, ['user', 'acme/shop']);
    const { access_token, refresh_token } = await tokens(demoCli);
    const { access_token: other } = await tokens();
    for (const token of [
      access_token,
      refresh_token,
      other,
      'usher_at_x',
      'eyJhbGciOiJub25lIn0.e30.',
    ]) {
      const answer = await send(String(new URLSearchParams({ token, ...fields })));
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect(Object.keys(answer.body)).toEqual(['error', 'error_description']);
      expect(answer.headers.get('www-authenticate')).toBe(`Basic realm="${server.issuer}"`);
    }
  });

  test("a public client's id with a made up secret is refused as well", async () => {
    await consentTo(server, demoCli, dba, scope, ['user', 'acme/shop']);
    const { access_token: token } = await tokens(demoCli);
    const answer = await post(server, '/oauth/introspect', { ...demoCli, secret: 'x' }, { token });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

describe('what happened to the user or the application since', () => {
  test.each(['suspended', 'deleted'])('the account was %s', async (status) => {
    const { access_token, refresh_token } = await tokens();
    const update = statement('update accounts set status = $2 where email = $1');
    await server.database.db.query(update, [dba, status]);
    const answers = await Promise.all([
      ask(demoApi, access_token),
      ask(demoApp, access_token),
      ask(demoApp, refresh_token),
    ]);
    await server.database.db.query(update, [dba, 'active']);
    expect(answers).toEqual([inactive, inactive, inactive]);
    expect(await ask(demoApi, access_token)).toMatchObject({ active: true });
  });

  test('the client was suspended, then deleted', async () => {
    const { db } = server.database;
    const template = await findClient(db, demoApp.id);
    if (template === undefined) throw new Error('no demo-app');
    await saveClient(db, { ...template, id: 'other-app' });
    await addClientSecret(db, 'other-app', 'other-app-secret');
    const other = { ...demoApp, id: 'other-app', secret: 'other-app-secret' };
    await consentTo(server, other, dba, scope, ['acme/shop']);
    const { access_token: token } = await tokens(other);
    expect(await ask(demoApi, token)).toMatchObject({ active: true });

    await saveClient(db, { ...template, id: 'other-app', status: 'suspended' });
    expect(await ask(demoApi, token)).toEqual(inactive);
    await saveClient(db, { ...template, id: 'other-app' });
    expect(await ask(demoApi, token)).toMatchObject({ active: true });
    await deleteClient(db, 'other-app');
    expect(await ask(demoApi, token)).toEqual(inactive);
  });
});

describe('section 2.1, introspection request', () => {
  test('a wrong token_type_hint still finds the token', async () => {
    const { access_token: token } = await tokens();
    for (const hint of ['access_token', 'refresh_token', 'bogus']) {
      const fields = { token, token_type_hint: hint };
      const { body } = await post(server, '/oauth/introspect', demoApi, fields);
      expect(body.active).toBe(true);
    }
  });

  test.each([
    ['no token', ''],
    ['an empty token', 'token='],
    ['two tokens', 'token=a&token=b'],
    ['two resources', 'token=TOKEN&resource=user&resource=user'],
  ])('%s: invalid_request', async (_, body) => {
    const { access_token: token } = await tokens();
    const { id, secret } = demoApi;
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const answer = await send(body.replace('TOKEN', token), { authorization });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test.each([
    '',
    'x',
    '../..',
    'br_x',
    'external:',
    'organizations/acme/databases',
    'a'.repeat(5000),
  ])('a resource that is none (%j) is answered like one that is not there', async (resource) => {
    const { access_token: token } = await tokens();
    const { status, body } = await post(server, '/oauth/introspect', demoApi, { token, resource });
    expect(status).toBe(200);
    expect(body.active).toBe(true);
    if (resource !== '') expect(body).not.toHaveProperty('scope');
  });
});

describe('the parameter action, an extension (section 2.1)', () => {
  const shop = 'organizations/acme/databases/shop';

  test.each(['database:read_branches', 'none', '', 'x y', 'x'.repeat(5_000), 'ä', '%'])(
    'changes no answer (%j)',
    async (action) => {
      const { access_token: token } = await tokens();
      const plain = await post(server, '/oauth/introspect', demoApi, { token, resource: shop });
      const fields = { token, resource: shop, action };
      const { status, body } = await post(server, '/oauth/introspect', demoApi, fields);
      expect({ status, body }).toEqual({ status: 200, body: plain.body });
      expect(body.active).toBe(true);
    },
  );

  test('sent twice, it is refused as every parameter is (RFC 6749 section 3.2)', async () => {
    const { id, secret } = demoApi;
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    for (const name of ['action', 'resource']) {
      const { status, body } = await send(`token=x&${name}=a&${name}=b`, { authorization });
      expect({ status, body }).toEqual({
        status: 400,
        body: {
          error: 'invalid_request',
          error_description: `'${name}' must not be provided twice`,
        },
      });
    }
  });
});

function send(body: string, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const init = { method: 'POST', headers: { ...type, ...headers }, body };
  return fetch(`${server.issuer}/oauth/introspect`, init).then(readAnswer);
}

test.each(['introspect', 'token', 'revoke'])(
  'RFC 9110 section 11.4: several spaces after Basic are one (%s)',
  async (endpoint) => {
    const { id, secret } = demoApi;
    const credentials = Buffer.from(`${id}:${secret}`).toString('base64');
    const answers = await Promise.all(
      [' ', '  ', '    '].map((spaces) =>
        fetch(`${server.issuer}/oauth/${endpoint}`, {
          method: 'POST',
          headers: { authorization: `Basic${spaces}${credentials}` },
          body: new URLSearchParams({ token: 'x', grant_type: 'x' }),
        }),
      ),
    );
    const [one, ...others] = answers.map(({ status }) => status);
    expect(one).not.toBe(401);
    expect(others).toEqual([one, one]);
  },
);
