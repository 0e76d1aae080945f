/** RFC 7523 section 3, JWT client assertions: a client that proves itself with a key of its own. */

import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { assertionAlgorithms } from '../../src/clients/public-keys.ts';
import { commandsOn } from '../operator/operators.ts';
import {
  type AssertingClient,
  type Claims,
  claimsOf,
  postWithAssertion,
  registerWithKey,
} from '../support/assertions.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  consentTo,
  demoApi,
  introspectAs,
  obtainCode,
  readAnswer,
  type TestClient,
} from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startTestServer } from '../support/server.ts';
import { age } from '../support/token-rows.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const redirectUri = 'http://localhost:8765/callback';
const now = () => Math.floor(Date.now() / 1000);

const server = forAllTests(startTestServer);
const agent = forAllTests(() => createUserAgent(server.issuer));
const client = forAllTests(() => registerWithKey(server));
const other = forAllTests(() => registerWithKey(server));

beforeAll(() => consentTo(server, asTestClient(), dba, scope, ['acme/shop']));

const asTestClient = (): TestClient => ({ id: client.id, secret: undefined, redirectUri });
/** A token request that goes through but for the token, which nobody has. */
const asked = { grant_type: 'refresh_token', refresh_token: 'usher_rt_x' };
const ask = (assertion: string, fields: Record<string, string> = asked) =>
  postWithAssertion(server, '/oauth/token', assertion, fields);
/** A command of the operators. */
const run = (...args: string[]) =>
  commandsOn(server.database.db, server.issuer)(...args, '--as', 'operator@usher.test');
const tokenEndpoint = () => `${server.issuer}/oauth/token`;
const authenticated = { status: 400, body: { error: 'invalid_grant' } };
const refused = { status: 401, body: { error: 'invalid_client' } };

async function tokens() {
  const { code, verifier } = await obtainCode(server, asTestClient(), dba, scope, agent);
  const { status, body } = await ask(await client.assertion(), {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
  });
  expect(status).toBe(200);
  return body;
}

describe('an assertion that is right', () => {
  test('opens the token, introspection, revocation and PAR endpoints', async () => {
    const { access_token, refresh_token } = await tokens();
    const { body } = await ask(await client.assertion(), {
      grant_type: 'refresh_token',
      refresh_token,
    });
    expect(body.scope).toBe(scope);
    const own = await postWithAssertion(server, '/oauth/introspect', await client.assertion(), {
      token: body.access_token,
    });
    expect(own.body.active).toBe(true);
    const pushed = await postWithAssertion(server, '/oauth/par', await client.assertion(), {
      client_id: client.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    expect(pushed).toMatchObject({ status: 201 });
    const gone = await postWithAssertion(server, '/oauth/revoke', await client.assertion(), {
      token: access_token,
    });
    expect(gone.status).toBe(200);
    expect(await introspectAs(server, demoApi, body.access_token)).toEqual({ active: false });
  });

  test.each<[what: string, change: () => Claims]>([
    ['that ended 8 s ago, by a slow clock', () => ({ exp: now() - 8 })],
    ['that begins in 8 s, by a fast clock', () => ({ nbf: now() + 8 })],
    ['that was issued in 8 s, by a fast clock', () => ({ iat: now() + 8 })],
    ['that does not say when it was issued', () => ({ iat: undefined })],
    ['that lives for an hour', () => ({ exp: now() + 3590 })],
  ])('%s is taken', async (_what, change) => {
    expect(await ask(await client.assertion(change()))).toMatchObject(authenticated);
  });
});

describe('the type of an assertion (RFC 8725 section 3.11)', () => {
  test.each(['JWT', 'jwt', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    '%s is taken',
    async (typ) => {
      expect(await ask(await client.assertion({}, { typ }))).toMatchObject(authenticated);
    },
  );

  test.each(['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt', 'at+jwt', 'oauth-authz-req+jwt'])(
    '%s is another kind of JWT, which the same key may have signed',
    async (typ) => {
      expect(await ask(await client.assertion({}, { typ }))).toMatchObject(refused);
    },
  );
});

describe('a client that an operator lets name the token endpoint', () => {
  let lenient: AssertingClient;
  beforeAll(async () => {
    lenient = await registerWithKey(server);
    await run('application', 'set', lenient.id, 'assertion_audience=token_endpoint');
  });

  test('may do so, with the issuer still taken, and nothing else', async () => {
    for (const aud of [tokenEndpoint(), server.issuer]) {
      expect(await ask(await lenient.assertion({ aud }))).toMatchObject(authenticated);
    }
    const others = [
      `${server.issuer}/oauth/introspect`,
      'https://a.test/oauth/token',
      [tokenEndpoint(), server.issuer],
    ];
    for (const aud of others) {
      expect(await ask(await lenient.assertion({ aud }))).toMatchObject(refused);
    }
    const elsewhere = await postWithAssertion(
      server,
      '/oauth/introspect',
      await lenient.assertion({ aud: tokenEndpoint() }),
      { token: 'x' },
    );
    expect(elsewhere).toMatchObject({ status: 200, body: { active: false } });
    expect(await ask(await client.assertion({ aud: tokenEndpoint() }))).toMatchObject(refused);
  });

  test('is listed with a warning', async () => {
    const listed = (await commandsOn(server.database.db, server.issuer)(
      'application',
      'settings',
    )) as unknown as { applications: { id: string }[] };
    expect(listed.applications.find(({ id }) => id === lenient.id)).toMatchObject({
      settings: { assertion_audience: 'token_endpoint' },
      warnings: [expect.stringContaining('token endpoint')],
    });
  });

  test('loses it when the operator takes it back', async () => {
    await run('application', 'set', lenient.id, 'assertion_audience=issuer');
    expect(await ask(await lenient.assertion({ aud: tokenEndpoint() }))).toMatchObject(refused);
  });
});

test('a client with a secret has no assertions whose audience could be set', async () => {
  const set = run('application', 'set', 'demo-app', 'assertion_audience=token_endpoint');
  await expect(set).rejects.toThrow('private_key_jwt');
});

test.each(assertionAlgorithms)(
  'whoever may register a key for %s is known by it, and the metadata says so',
  async (alg) => {
    const holder = await registerWithKey(server, alg);
    expect(await ask(await holder.assertion())).toMatchObject(authenticated);
    const address = `${server.issuer}/.well-known/oauth-authorization-server`;
    const { body } = await readAnswer(await fetch(address));
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(body[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toContain(alg);
    }
  },
);

describe('an assertion that is wrong', () => {
  test.each<[what: string, change: () => Claims]>([
    ['ended five minutes ago', () => ({ exp: now() - 300 })],
    ['begins in a minute', () => ({ nbf: now() + 60 })],
    ['was issued in two minutes (FAPI 2.0 section 5.3.2.1)', () => ({ iat: now() + 120 })],
    ['has no end', () => ({ exp: undefined })],
    ['ends in a year', () => ({ exp: now() + 31_536_000 })],
    ['ends when no calendar reaches', () => ({ exp: 1e15 })],
    ['ends never', () => ({ exp: 1e308 })],
    ['has an end that is a word', () => ({ exp: 'tomorrow' })],
    ['has no id', () => ({ jti: undefined })],
    ['has an id that is none', () => ({ jti: { a: 1 } })],
    ['has no subject', () => ({ sub: undefined })],
    ['has a number for a subject', () => ({ sub: 1 })],
    ['has a list for a subject', () => ({ sub: [client.id] })],
    ['has an object for a subject', () => ({ sub: { id: client.id } })],
    ['has a subject that cannot be stored', () => ({ sub: '\u0000' })],
    ['has no issuer', () => ({ iss: undefined })],
    ['is issued by another client', () => ({ iss: other.id })],
    ['has no audience', () => ({ aud: undefined })],
    ['is for another server', () => ({ aud: 'https://evil.test' })],
    ['is for a server of a longer name', () => ({ aud: `${server.issuer}.evil.test` })],
    ['is for nobody', () => ({ aud: [] })],
    ['is for the token endpoint', () => ({ aud: tokenEndpoint() })],
    ['is for the endpoint at hand', () => ({ aud: `${server.issuer}/oauth/introspect` })],
    ['is for several, the issuer among them', () => ({ aud: [server.issuer, 'https://a.test'] })],
    ['is for a list of the issuer alone', () => ({ aud: [server.issuer] })],
    ['is for the issuer with a slash', () => ({ aud: `${server.issuer}/` })],
  ])('one that %s is invalid_client', async (_what, change) => {
    expect(await ask(await client.assertion(change()))).toMatchObject(refused);
  });

  test("another client's signature is none of this one's", async () => {
    const forged = await other.assertion({ iss: client.id, sub: client.id });
    expect(await ask(forged)).toMatchObject(refused);
  });

  test.each([
    ['unsigned', async () => `${part({ alg: 'none' })}.${part(claims())}.`],
    ['with a broken signature', async () => `${(await client.assertion()).slice(0, -6)}AAAAAA`],
    ['signed with the public key as a shared secret', async () => hmac(client.publicKey)],
    ['signed with a key of its own header', () => signedByItsOwnHeader()],
    [
      'with a critical header that nobody knows',
      async () => `${part({ alg: 'ES256', crit: ['x'], x: 1 })}.${part(claims())}.AA`,
    ],
  ])('%s is invalid_client', async (_what, make) => {
    expect(await ask(await make())).toMatchObject(refused);
  });

  test.each(['', 'x', 'a.b.c', 'a.b.c.d.e', `${part(null)}.${part(null)}.`, '\u0000', '%%%'])(
    'what is no JWT is refused: %j',
    async (assertion) => {
      const { status, body } = await ask(assertion);
      expect([400, 401]).toContain(status);
      expect(body.error).toMatch(/^invalid_(client|request)$/);
    },
  );

  test('another type, a second mechanism or another client_id is refused', async () => {
    const assertion = await client.assertion();
    for (const fields of [
      { client_assertion_type: 'urn:x' },
      { client_secret: 'x' },
      { client_id: other.id },
    ]) {
      const answer = await ask(assertion, { ...asked, ...fields });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
    expect(await ask(assertion)).toMatchObject(authenticated);
  });

  test('a client with a secret cannot come with an assertion, nor this one without', async () => {
    const forged = await client.assertion({ iss: 'demo-app', sub: 'demo-app' });
    expect(await ask(forged)).toMatchObject(refused);
    const none = { ...asked, client_id: client.id };
    const body = new URLSearchParams(none);
    const answer = await fetch(`${server.issuer}/oauth/token`, { method: 'POST', body });
    expect(answer.status).toBe(401);
  });

  test('no Host header makes another audience', async () => {
    const body = new URLSearchParams({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await client.assertion({ aud: 'http://evil.test/oauth/token' }),
      ...asked,
    }).toString();
    const lines = [
      'POST /oauth/token HTTP/1.1',
      'Host: evil.test',
      'X-Forwarded-Host: evil.test',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    expect((await sendRaw(server.issuer, lines, body)).status).toBe(401);
  });
});

describe('section 3, the id of an assertion is used once', () => {
  test('a second use is refused, also elsewhere and by another assertion with that id', async () => {
    const assertion = await client.assertion({ jti: 'once' });
    expect(await ask(assertion)).toMatchObject(authenticated);
    expect(await ask(assertion)).toMatchObject(refused);
    const elsewhere = await postWithAssertion(server, '/oauth/introspect', assertion, {
      token: 'x',
    });
    expect(elsewhere).toMatchObject(refused);
    expect(await ask(await client.assertion({ jti: 'once' }))).toMatchObject(refused);
    expect(await ask(await other.assertion({ jti: 'once' }))).toMatchObject(authenticated);
  });

  test('of 8 at the same moment one is taken', async () => {
    const assertion = await client.assertion();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(assertion)));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(7);
  });
});

describe('refreshing', () => {
  test('a retry with a fresh assertion gets the identical answer', async () => {
    const { refresh_token } = await tokens();
    const fields = { grant_type: 'refresh_token', refresh_token };
    const first = await ask(await client.assertion(), fields);
    await age(server, refresh_token, 20);
    const again = await ask(await client.assertion(), fields);
    expect(again).toMatchObject({ status: 200, body: first.body });
  });
});

const claims = () => claimsOf(client.id, server.issuer);

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(key: string): string {
  const input = `${part({ alg: 'HS256' })}.${part(claims())}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

/** RFC 8725 section 2.8: a key that comes with the signature proves nothing. */
async function signedByItsOwnHeader(): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', jwk }).sign(privateKey);
}
