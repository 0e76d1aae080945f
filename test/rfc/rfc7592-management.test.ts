/** RFC 7592: a client reads, replaces and deletes its own registration, and nobody else's. */

import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/lib/secrets.ts';
import { findApplication } from '../../src/storage/clients/client-list.ts';
import { isClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient, setClientStatus } from '../../src/storage/clients/clients.ts';
import { insertRecord } from '../../src/storage/tokens/provider-records.ts';
import {
  type Answer,
  consentTo,
  type Json,
  run,
  startRegistrationServer,
  storedClients,
  usual,
} from '../applications/registration-server.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const server = forAllTests(startRegistrationServer);

/** RFC 7592 section 2.2: what only the server says. */
const serversOwn = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

function withoutServersOwn(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !serversOwn.includes(name)));
}

function audit(subject: string) {
  return run<Json>(
    server.db,
    `select action, outcome, after->'ended_consents' as after, before->'ended_consents' as before
     from audit_events where subject = $1 order by id`,
    subject,
  );
}

describe('read (section 2.1)', () => {
  test('gives the registration back, without the secret', async () => {
    const { path, token, body } = await server.register();
    const { client_secret, client_secret_expires_at, ...rest } = body;
    const answer = await server.send(path, { token });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.body).toEqual(rest);
    expect(answer.text).not.toContain('usher_cs_');
  });

  test.each(['bearer', 'BEARER'])('the scheme may be spelled %s', async (scheme) => {
    const { path, token } = await server.register();
    const headers = { Authorization: `${scheme} ${token}` };
    expect((await server.send(path, { headers })).status).toBe(200);
  });
});

describe('a token that is not the client’s (section 2.1)', () => {
  const requests = [
    ['GET', {}],
    ['PUT', { body: usual }],
    ['PUT', { body: '{' }],
    ['DELETE', {}],
  ] as const;

  test.each(requests)(
    '%s %j: the same 401 for every reason, and nothing ends',
    async (method, rest) => {
      const [own, foreign] = [await server.register(), await server.register()];
      const before = await storedClients(server.db);
      const nobody = '/oauth/register/app_00000000000000000000000000000000';
      const send = (path: string, token: string) => server.send(path, { method, token, ...rest });
      const answers = [
        await send(own.path, foreign.token),
        await send(own.path, own.token.slice(0, -1)),
        await send(own.path, own.id),
        await send(own.path, String(own.body['client_secret'])),
        await send(own.path, 'x'.repeat(5_000)),
        await send(nobody, own.token),
        await send(nobody, 'x'),
        await send('/oauth/register/%00', own.token),
        await send('/oauth/register/..%2f', own.token),
      ];
      const seen = ({ status, text, headers }: Answer) =>
        JSON.stringify([status, text, headers.get('WWW-Authenticate'), [...headers.keys()]]);
      expect(new Set(answers.map(seen)).size).toBe(1);
      expect(answers[0]?.status).toBe(401);
      expect(answers[0]?.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
      expect(answers[0]?.text).not.toContain('app_');
      expect(await storedClients(server.db)).toBe(before);
      expect((await server.send(own.path, { token: own.token })).status).toBe(200);
      expect((await server.send(foreign.path, { token: foreign.token })).status).toBe(200);
    },
  );

  test.each(requests)('%s %j: no token', async (method, rest) => {
    const { path } = await server.register();
    const answer = await server.send(path, { method, ...rest });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
  });

  test('the secret does not stand in for it, nor does the token in the address', async () => {
    const { path, id, token, body } = await server.register();
    const basic = Buffer.from(`${id}:${body['client_secret']}`).toString('base64');
    const headers = { Authorization: `Basic ${basic}` };
    expect((await server.send(path, { headers })).status).toBe(401);
    expect((await server.send(`${path}?access_token=${token}`, {})).status).toBe(401);
  });
});

describe('replace (section 2.2)', () => {
  test('what was read can be sent back, and changes nothing', async () => {
    const client = await server.register({ scope: 'read_branches', contacts: ['a@acme.test'] });
    const read = await server.send(client.path, { token: client.token });
    const answer = await server.send(client.path, {
      method: 'PUT',
      token: client.token,
      body: withoutServersOwn(read.body),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    const { registration_access_token: token, ...rest } = answer.body;
    const { registration_access_token: old, ...same } = read.body;
    expect(rest).toEqual(same);
    expect(token).not.toBe(old);
  });

  test('the token is a new one each time, and the old one ends', async () => {
    const client = await server.register();
    const { body } = await server.put(client);
    const token = String(body['registration_access_token']);
    expect(token).toMatch(/^usher_rat_/);
    expect((await server.send(client.path, { token: client.token })).status).toBe(401);
    expect((await server.send(client.path, { token })).status).toBe(200);
  });

  test('of 8 at the same moment with one token, one succeeds', async () => {
    const client = await server.register();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => server.put(client, { client_name: `Name ${n}` })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)]);
    const winner = answers.find(({ status }) => status === 200)?.body;
    expect((await findClient(server.db, client.id))?.name).toBe(winner?.['client_name']);
  });

  test('a refused one leaves the token and everything else as it was', async () => {
    const client = await server.register();
    const before = await storedClients(server.db);
    expect((await server.put(client, { redirect_uris: ['http://v.test/'] })).status).toBe(400);
    expect(await storedClients(server.db)).toBe(before);
    expect((await server.send(client.path, { token: client.token })).status).toBe(200);
  });

  test('what is left out, or null, goes back to its default', async () => {
    const client = await server.register({
      scope: 'user:read_user',
      contacts: ['a@acme.test'],
      tos_uri: 'https://app.test/terms',
      dpop_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const fresh = await server.register({ client_name: undefined });
    const { body } = await server.put(client, { client_name: undefined, tos_uri: null });
    const comparable = ({ client_id, client_secret, ...rest }: Json) => withoutServersOwn(rest);
    expect(comparable(body)).toEqual(comparable(fresh.body));
  });

  test.each<[string, Json]>([
    ...serversOwn.map((member): [string, Json] => [member, { [member]: 1 }]),
    ['no client_id', { client_id: undefined }],
    ['a client_id that is null', { client_id: null }],
    ['another client_id', { client_id: 'demo-app' }],
    ['a client_id that is no string', { client_id: ['x'] }],
    ['a wrong secret', { client_secret: 'usher_cs_x' }],
    ['a secret that is no string', { client_secret: { $ne: '' } }],
  ])('refuses %s', async (_what, change) => {
    const client = await server.register();
    const answer = await server.put(client, change);
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toBe('invalid_client_metadata');
  });

  test('another client’s secret is a wrong one, the own one is right', async () => {
    const [client, other] = [await server.register(), await server.register()];
    const secretOf = ({ body }: { body: Json }) => ({ client_secret: body['client_secret'] });
    expect((await server.put(client, secretOf(other))).status).toBe(400);
    expect((await server.put(client, secretOf(client))).status).toBe(200);
  });

  test('stays unverified, active and without a resource server', async () => {
    const client = await server.register();
    await server.put(client, { status: 'active', dynamic: false, resource_server: 'platform' });
    const stored = await findClient(server.db, client.id);
    expect(stored).toMatchObject({ dynamic: true, resourceServer: undefined, status: 'active' });
  });

  test('fewer scopes count at once', async () => {
    const client = await server.register();
    await server.put(client, { scope: 'user:read_user' });
    expect((await findClient(server.db, client.id))?.scope).toBe('user:read_user');
  });
});

test.each([
  ['ends', 'another name', { client_name: 'Other' }],
  ['ends', 'another redirect URI', { redirect_uris: ['https://app.test/other'] }],
  ['ends', 'another logo', { logo_uri: 'https://app.test/logo.png' }],
  ['stands', 'other scopes', { scope: 'user:read_user' }],
])('an operator’s word for a client %s after %s', async (result, _what, change) => {
  const client = await server.register();
  await run(server.db, 'update clients set is_verified = true where id = $1', client.id);
  await server.put(client, change);
  const after = await findApplication(server.db, client.id, undefined);
  // Else nobody can have its name again, which is that of all clients here.
  await run(server.db, 'update clients set is_verified = false where id = $1', client.id);
  expect(after?.isVerified).toBe(result === 'stands');
});

describe('the name of a verified application (section 2.2)', () => {
  const verify = (id: string, name: string, isVerified: boolean) =>
    run(
      server.db,
      'update clients set name = $2, is_verified = $3 where id = $1',
      id,
      name,
      isVerified,
    );

  test.each(['Morning Copy', 'morning-copy', 'M\u00f3rning  C\u00f6py', 'Moming Copy'])(
    'is not taken by a change: %j',
    async (client_name) => {
      const trusted = await server.register();
      const client = await server.register({ client_name: 'Something Else' });
      await verify(trusted.id, 'Morning Copy', true);
      const { status, body } = await server.put(client, { client_name });
      const stored = await findClient(server.db, client.id);
      const other = await server.put(client, { client_name: 'Morning Copies' });
      await verify(trusted.id, 'Morning Copy', false);
      expect([status, body['error']]).toEqual([400, 'invalid_client_metadata']);
      expect(String(body['error_description'])).toContain('verified application');
      expect(stored?.name).toBe('Something Else');
      expect(other.status, 'the token of a refused change still works').toBe(200);
    },
  );

  test('stays with the application that has it, and with one that had it before', async () => {
    const trusted = await server.register({ client_name: 'Evening Copy' });
    const earlier = await server.register({ client_name: 'evening copy' });
    await verify(trusted.id, 'Evening Copy', true);
    const [own, kept] = [
      await server.put(trusted, { client_name: 'Evening Copy', scope: 'user:read_user' }),
      await server.put(earlier, { client_name: 'evening copy', scope: 'user:read_user' }),
    ];
    await verify(trusted.id, 'Evening Copy', false);
    expect([own.status, kept.status]).toEqual([200, 200]);
  });
});

describe('secrets at a change of the way to authenticate', () => {
  const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

  test.each([
    ['none', {}],
    ['private_key_jwt', { jwks: { keys: [key] } }],
  ])('to %s they end, back again a new one is told once', async (method, more) => {
    const client = await server.register();
    const old = String(client.body['client_secret']);
    const open = await server.put(client, { token_endpoint_auth_method: method, ...more });
    expect(open.body).not.toHaveProperty('client_secret');
    expect(await isClientSecret(server.db, client.id, old)).toBe(false);

    const token = String(open.body['registration_access_token']);
    const closed = await server.put({ ...client, token });
    const secret = String(closed.body['client_secret']);
    expect(closed.body['client_secret_expires_at']).toBe(0);
    expect(secret).not.toBe(old);
    expect(await isClientSecret(server.db, client.id, secret)).toBe(true);
    expect(await isClientSecret(server.db, client.id, old)).toBe(false);
  });

  test('from basic to post it stays, and is not told again', async () => {
    const client = await server.register();
    const { text } = await server.put(client, { token_endpoint_auth_method: 'client_secret_post' });
    expect(text).not.toContain('usher_cs_');
    const secret = String(client.body['client_secret']);
    expect(await isClientSecret(server.db, client.id, secret)).toBe(true);
  });
});

describe('redirect URIs after people consented', () => {
  const elsewhere = [
    ['another host', {}, ['https://evil.test/callback']],
    ['one more host', {}, ['https://app.test/callback', 'https://evil.test/callback']],
    ['another port', {}, ['https://app.test:8443/callback']],
    ['a host below', {}, ['https://evil.app.test/callback']],
    ['the user’s machine', { application_type: 'native' }, ['http://127.0.0.1/callback']],
    ['another own scheme', { application_type: 'native' }, ['com.evil.app:/callback']],
  ] as const;

  test.each(elsewhere)('%s: consents, tokens and open pages end', async (_what, change, uris) => {
    const client = await server.register();
    const consented = await consentTo(server.db, client.id);
    const page = { kind: 'Interaction', id: sha256(client.id) };
    await insertRecord(server.db, page, { params: { client_id: client.id } }, 3_600);
    expect((await server.put(client, { ...change, redirect_uris: uris })).status).toBe(200);
    expect(await consented.isAlive()).toBe(false);
    const left = await run(
      server.db,
      `select from consents where client_id = $1
       union all select from grants where client_id = $1
       union all select from provider_records
         where kind = 'Interaction' and payload->'params'->>'client_id' = $1`,
      client.id,
    );
    expect(left).toEqual([]);
    expect(await audit(client.id)).toContainEqual(
      expect.objectContaining({ action: 'application.updated', after: 1 }),
    );
  });

  test.each([
    ['another path', ['https://app.test/other?x=1']],
    ['fewer of them', ['https://app.test/callback']],
    ['the same', ['https://app.test/callback', 'https://www.app.test/callback']],
  ])('%s: they stay', async (_what, uris) => {
    const both = ['https://app.test/callback', 'https://www.app.test/callback'];
    const client = await server.register({ redirect_uris: both });
    const consented = await consentTo(server.db, client.id);
    expect((await server.put(client, { redirect_uris: uris })).status).toBe(200);
    expect(await consented.isAlive()).toBe(true);
  });

  test('another client’s consents are not touched', async () => {
    const [client, other] = [await server.register(), await server.register()];
    const consented = await consentTo(server.db, other.id);
    await server.put(client, { redirect_uris: ['https://evil.test/'] });
    expect(await consented.isAlive()).toBe(true);
  });
});

describe('delete (section 2.3)', () => {
  test('ends the client, its secrets, consents, grants and tokens', async () => {
    const client = await server.register();
    const consented = await consentTo(server.db, client.id);
    const answer = await server.send(client.path, { method: 'DELETE', token: client.token });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(await consented.isAlive()).toBe(false);
    expect(await findClient(server.db, client.id)).toBeUndefined();
    expect(await storedClients(server.db)).not.toContain(client.id);
    expect(await audit(client.id)).toEqual([
      expect.objectContaining({ action: 'application.registered' }),
      expect.objectContaining({ action: 'application.deleted', before: 1 }),
    ]);
  });

  test('afterwards its token is nobody’s', async () => {
    const { path, token, id } = await server.register();
    await server.send(path, { method: 'DELETE', token });
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const body = method === 'PUT' ? { ...usual, client_id: id } : undefined;
      const answer = await server.send(path, { method, token, body });
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain(id);
    }
  });

  test('of 8 at the same moment one succeeds, and none fails', async () => {
    const { path, token } = await server.register();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => server.send(path, { method: 'DELETE', token })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, ...Array(7).fill(401)]);
  });
});

describe('while its tokens are renewed', () => {
  test.each<[string, number, { method: string; body?: Json }]>([
    ['deleted', 204, { method: 'DELETE' }],
    ['moved elsewhere', 200, { method: 'PUT', body: { redirect_uris: ['https://evil.test/'] } }],
  ])('it can be %s: nothing waits for ever, no token is left', async (_what, status, request) => {
    for (let round = 0; round < 10; round++) {
      const { id, path, token } = await server.register();
      const consented = await consentTo(server.db, id);
      const body = request.body && { ...request.body, client_id: id };
      const [answer] = await Promise.all([
        server.send(path, { ...request, body, token }),
        ...Array.from({ length: 6 }, () => consented.renew()),
      ]);
      expect(answer.status).toBe(status);
      expect(await run(server.db, 'select from tokens where client_id = $1', id)).toEqual([]);
    }
  });
});

test('a suspended client can do none of it, and stays', async () => {
  const client = await server.register();
  await setClientStatus(server.db, client.id, 'suspended');
  const { path, token } = client;
  const answers = [
    await server.send(path, { token }),
    await server.put(client),
    await server.send(path, { method: 'DELETE', token }),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(403);
    expect(text).not.toContain(client.id);
  }
  expect((await findClient(server.db, client.id))?.status).toBe('suspended');
});

test('changes count against the limit of the network, reading does not', async () => {
  const client = await server.register();
  const headers = { 'x-test-address': '192.0.2.99' };
  for (let n = 0; n < 60; n++) await server.post('{}', headers);
  const { path, token } = client;
  const put = await server.send(path, { method: 'PUT', token, headers, body: usual });
  expect(put.status).toBe(429);
  expect((await server.send(path, { token, headers })).status).toBe(200);
  expect((await server.send(path, { method: 'DELETE', token, headers })).status).toBe(204);
});

test('none of this was a failure of ours', () => {
  expect(server.failures).toEqual([]);
});
