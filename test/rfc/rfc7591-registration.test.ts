/** RFC 7591 section 3: an application registers itself and is told what was registered. */

import { describe, expect, test } from 'vitest';
import { hasValidChecksum } from '../../src/lib/secrets.ts';
import { isClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient } from '../../src/storage/clients/clients.ts';
import {
  issuer,
  run,
  startRegistrationServer,
  storedClients,
  usual,
} from '../applications/registration-server.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const server = forAllTests(startRegistrationServer);

const jwks = {
  keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
};

describe('the answer (section 3.2.1)', () => {
  test('tells all that is registered, the secret, and where to manage it', async () => {
    const { status, headers, body } = await server.post(usual);
    expect(status).toBe(201);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Content-Type')).toMatch(/^application\/json/);
    expect(body).toEqual({
      ...usual,
      client_id: expect.stringMatching(/^app_[0-9a-f]{32}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^usher_cs_/),
      client_secret_expires_at: 0,
      registration_client_uri: `${issuer}/oauth/register/${body['client_id']}`,
      registration_access_token: expect.stringMatching(/^usher_rat_/),
      application_type: 'web',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid profile email',
      dpop_bound_access_tokens: false,
      id_token_signed_response_alg: 'RS256',
      require_pushed_authorization_requests: false,
    });
    expect(hasValidChecksum(String(body['client_secret']))).toBe(true);
    expect(hasValidChecksum(String(body['registration_access_token']))).toBe(true);
  });

  test('every known member comes back, unknown ones do not', async () => {
    const members = {
      redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/callback'],
      client_name: 'Acme Backup',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
      scope: 'openid user:read_user database:read_database',
      required_scope: 'database:read_database',
      client_uri: 'https://app.test/',
      policy_uri: 'https://app.test/privacy',
      tos_uri: 'https://app.test/terms',
      logo_uri: 'https://app.test/logo.png',
      contacts: ['admin@acme.test'],
      software_id: '4NRB1-0XZABZI9E6-5SM3R',
      software_version: '2.1 (beta)',
      dpop_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
      require_pushed_authorization_requests: true,
    };
    const { body } = await server.post({ ...members, favourite_colour: 'blue' });
    expect(body).toEqual({
      ...members,
      client_id: expect.any(String),
      client_id_issued_at: expect.any(Number),
      registration_client_uri: expect.any(String),
      registration_access_token: expect.any(String),
    });
  });

  test.each(['none', 'private_key_jwt'])('%s gets no secret', async (method) => {
    const change = method === 'none' ? {} : { jwks };
    const { id, body } = await server.register({ token_endpoint_auth_method: method, ...change });
    expect(body).not.toHaveProperty('client_secret');
    expect(body).not.toHaveProperty('client_secret_expires_at');
    expect(await run(server.db, 'select from client_secrets where client_id = $1', id)).toEqual([]);
  });

  test('bare names are registered at every level that has them', async () => {
    const { body } = await server.register({ scope: 'read_branches' });
    expect(body['scope']).toBe('organization:read_branches database:read_branches');
  });

  test.each([
    ['the host', ['https://app.test/callback'], 'app.test'],
    ['the own scheme', ['com.example.app:/callback'], 'com.example.app'],
    ['no name that passes for ours', ['https://usher.evil.test/'], 'Unnamed application'],
  ])('without a name it is called by %s', async (_what, uris, name) => {
    const type = uris[0]?.startsWith('https') ? 'web' : 'native';
    const change = { client_name: null, redirect_uris: uris, application_type: type };
    expect((await server.register(change)).body['client_name']).toBe(name);
  });

  test.each([
    ['what deletes', 'database:delete_branches'],
    ['what opens data', 'database:manage_passwords'],
    ['what concerns people', 'database:write_members'],
    ['what is for production alone', 'database:demote_branches'],
  ])('an application that registers itself cannot require %s', async (_what, required) => {
    const { status, body } = await server.post({
      redirect_uris: ['https://app.test/callback'],
      scope: `database:read_branches ${required}`,
      required_scope: `database:read_branches ${required}`,
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'invalid_client_metadata',
      error_description: expect.stringMatching(
        `^required_scope must not hold ${required}: only an operator`,
      ),
    });
  });

  test('a client that asks for nothing has no scope', async () => {
    const { body, id } = await server.register({ redirect_uris: [], grant_types: [] });
    expect(body).not.toHaveProperty('scope');
    expect((await findClient(server.db, id))?.scope).toBe('');
  });
});

describe('what is stored', () => {
  test('an unverified client of nobody, its secret and its token only as hashes', async () => {
    const { id, token, body } = await server.register();
    const secret = String(body['client_secret']);
    const client = await findClient(server.db, id);
    expect(client).toMatchObject({ dynamic: true, status: 'active', resourceServer: undefined });
    expect(client).not.toHaveProperty('ownerOrganizationId');
    expect(await isClientSecret(server.db, id, secret)).toBe(true);
    const dump = JSON.stringify([
      await storedClients(server.db),
      await run(server.db, 'select * from audit_events'),
    ]);
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(token);
  });

  test('an audit event: what was registered, and from where', async () => {
    const headers = { 'x-test-address': '192.0.2.7', 'User-Agent': 'agent/1' };
    const { body } = await server.post(usual, headers);
    const events = await run(
      server.db,
      `select action, outcome, actor_client_id, address, user_agent, after->>'client_name' as name
       from audit_events where subject = $1`,
      body['client_id'],
    );
    expect(events).toEqual([
      {
        action: 'application.registered',
        outcome: 'done',
        actor_client_id: body['client_id'],
        address: '192.0.2.7',
        user_agent: 'agent/1',
        name: usual.client_name,
      },
    ]);
  });

  test('an id and a secret that the application chose are ignored', async () => {
    const chosen = { client_id: 'demo-app', client_secret: 'chosen', resource_server: 'platform' };
    const { id } = await server.register(chosen);
    expect(id).not.toBe('demo-app');
    expect(await isClientSecret(server.db, id, 'chosen')).toBe(false);
    expect((await findClient(server.db, id))?.resourceServer).toBeUndefined();
  });
});

describe('requests that are refused (section 3.2.2)', () => {
  const large = JSON.stringify({ ...usual, software_id: 'x'.repeat(57 * 1024) });

  test.each<[string, number, string, Record<string, string>]>([
    ['malformed JSON', 400, '{"redirect_uris":', {}],
    ['no body', 400, '', {}],
    ['a list', 400, '[]', {}],
    ['null', 400, 'null', {}],
    ['a string', 400, '"https://app.test/"', {}],
    ['more than 16 KiB', 400, large, {}],
    ['a form', 415, 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['plain text', 415, JSON.stringify(usual), { 'Content-Type': 'text/plain' }],
    ['an encoded body', 415, JSON.stringify(usual), { 'Content-Encoding': 'gzip' }],
  ])('%s: %i', async (_what, status, body, headers) => {
    const before = await storedClients(server.db);
    const answer = await server.post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.body).toEqual({
      error: 'invalid_client_metadata',
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
    });
    expect(await storedClients(server.db)).toBe(before);
  });

  test('bytes that are not UTF-8', async () => {
    const text = JSON.stringify({ ...usual, client_name: 'Caf\u00e9' });
    expect((await server.post(Buffer.from(text))).status).toBe(201);
    expect((await server.post(Buffer.from(text, 'latin1'))).status).toBe(400);
  });

  test('a body of unknown length is counted as it comes', async () => {
    let chunks = 0;
    const body = new ReadableStream({
      pull(stream) {
        chunks += 1;
        if (chunks > 64) stream.close();
        else stream.enqueue(new TextEncoder().encode(' '.repeat(1024)));
      },
    });
    expect((await server.post(body)).status).toBe(400);
  });

  test('other methods', async () => {
    expect((await server.send('/oauth/register', { method: 'GET' })).status).toBe(405);
    expect((await server.send('/oauth/register', { method: 'DELETE' })).status).toBe(405);
  });
});

test('outside production a web client may be on loopback', async () => {
  const developing = await startRegistrationServer({ production: false });
  try {
    const local = { redirect_uris: ['http://localhost:8765/cb'], application_type: 'web' };
    expect((await developing.register(local)).body).toMatchObject(local);
  } finally {
    await developing.close();
  }
});

describe('pages of any origin (CORS)', () => {
  const origin = { Origin: 'https://app.test' };

  test('register, and read what came of it', async () => {
    const { status, headers } = await server.post(usual, origin);
    expect(status).toBe(201);
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
  });

  test('read refusals too', async () => {
    const refused = await server.post('{}', origin);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe('*');
    const unauthorized = await server.send('/oauth/register/x', { headers: origin });
    expect(unauthorized.status).toBe(401);
    expect(unauthorized.headers.get('Access-Control-Expose-Headers')).toContain('WWW-Auth');
  });

  test.each(['/oauth/register', '/oauth/register/app_x'])(
    'are let through before %s',
    async (path) => {
      const asking = { ...origin, 'Access-Control-Request-Method': 'PUT' };
      const { status, headers } = await server.send(path, { method: 'OPTIONS', headers: asking });
      expect(status).toBe(204);
      expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
      expect(headers.get('Access-Control-Allow-Methods')).toContain('PUT');
      expect(headers.get('Access-Control-Allow-Headers')).toContain('Authorization');
    },
  );
});

describe('throttling (section 5)', () => {
  test('the limit is a setting', async () => {
    const other = await startRegistrationServer({ attemptsPerHour: 2 });
    try {
      const from = { 'x-test-address': '192.0.2.9' };
      const statuses = [];
      for (let n = 0; n < 3; n += 1) statuses.push((await other.post(usual, from)).status);
      expect(statuses).toEqual([201, 201, 429]);
    } finally {
      await other.close();
    }
  });

  test('60 attempts an hour from one network, refused ones among them', async () => {
    const from = (address: string) => server.post('{}', { 'x-test-address': address });
    const statuses = await Promise.all(
      Array.from({ length: 70 }, async (_, host) => (await from(`2001:db8:1:2::${host}`)).status),
    );
    expect(statuses.filter((status) => status === 400)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const late = await from('2001:db8:1:2:ffff::1');
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(3_000);
    expect(late.body['error']).toBe('temporarily_unavailable');
    expect((await from('2001:db8:1:3::1')).status).toBe(400);
  });
});

describe('the name of a verified application (section 5)', () => {
  test.each([
    'Nightly Copy',
    'nightly-copy',
    'NightIy Copy',
    'N\u00efghtly  C\u00f6py',
    'Nіghtlу Сору'.normalize(),
  ])('cannot be registered again: %s', async (client_name) => {
    const verified = await server.post({ ...usual, client_name: 'Nightly Copy Original' });
    const id = String(verified.body['client_id']);
    await run(
      server.db,
      `update clients set name = 'Nightly Copy', is_verified = true where id = $1`,
      id,
    );
    const { status, body } = await server.post({ ...usual, client_name });
    await run(server.db, 'update clients set is_verified = false where id = $1', id);
    expect([status, body['error']]).toEqual([400, 'invalid_client_metadata']);
    expect((await server.post({ ...usual, client_name: 'Nightly Copies' })).status).toBe(201);
  });
});
