/** RFC 6749 sections 2.3, 3.2, 4.1.3, 5 and 6: the token endpoint. */

import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  demoApi,
  demoApp,
  demoCli,
  obtainCode,
  obtainTokens,
  post,
  readAnswer,
  redeem,
  refresh,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { isAlive } from '../support/token-rows.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_branches database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli, tinyApp], dba, scope, ['acme/shop']),
);

const obtained = (client = demoApp) => obtainCode(server, client, dba, scope, agent);
const tokens = (client = demoApp) => obtainTokens(server, client, dba, scope, agent);
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const anyone = { id: '', secret: undefined, redirectUri: '' };

describe('section 5.1, successful response', () => {
  test('says what was issued, and may be kept by nobody', async () => {
    const { code, verifier } = await obtained();
    const { body, headers } = await redeem(server, demoApp, code, verifier);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope });
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('content-type')).toContain('application/json');
  });

  test('what is issued has 256 bits, a prefix and a checksum, and does not repeat', async () => {
    const issued = [await tokens(), await tokens()].flatMap((body) => [
      body.access_token,
      body.refresh_token,
    ]);
    expect(new Set(issued).size).toBe(4);
    for (const token of issued) expect(token).toMatch(/^usher_[ar]t_[0-9A-Za-z]{49}$/);
  });
});

describe('section 2.3, client authentication', () => {
  const grant = { grant_type: 'refresh_token', refresh_token: 'usher_rt_x' };
  const wrong = { status: 401, body: { error: 'invalid_client' } };

  test.each([
    ['a wrong secret', 'demo-app', 'wrong-secret'],
    ["another client's secret", 'demo-app', 'tiny-app-secret'],
    ['an unknown client', 'nobody', 'demo-app-secret'],
    ['what the database holds in the place of a secret', 'demo-app', 'kept as a hash'],
  ])(
    '%s is invalid_client, by Basic with WWW-Authenticate, and by the body',
    async (_, id, secret) => {
      const byHeader = await post(server, '/oauth/token', anyone, grant, basic(id, secret));
      expect(byHeader).toMatchObject(wrong);
      expect(byHeader.headers.get('www-authenticate')).toMatch(/^Basic /);
      const fields = { ...grant, client_id: id, client_secret: secret };
      expect(await post(server, '/oauth/token', anyone, fields)).toMatchObject(wrong);
    },
  );

  test('the secret may come by Basic or in the body', async () => {
    const { refresh_token: token } = await tokens();
    const fields = { grant_type: 'refresh_token', refresh_token: token };
    const inBody = { ...fields, client_id: 'demo-app', client_secret: 'demo-app-secret' };
    expect((await post(server, '/oauth/token', anyone, inBody)).status).toBe(200);
  });

  test('an expired secret is refused', async () => {
    const secrets = `update client_secrets set expires_at = $1 where client_id = 'tiny-app'`;
    await server.database.db.query(statement(secrets), [new Date(0)]);
    expect(await refresh(server, tinyApp, 'usher_rt_x')).toMatchObject(wrong);
    await server.database.db.query(statement(secrets), [null]);
    expect((await refresh(server, tinyApp, 'usher_rt_x')).body.error).toBe('invalid_grant');
  });

  test.each([
    ['two methods', { client_secret: 'demo-app-secret' }],
    ['two identities', { client_id: 'tiny-app' }],
  ])('%s at once are invalid_request', async (_, extra) => {
    const answer = await post(server, '/oauth/token', demoApp, { ...grant, ...extra });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('a public client that sends a secret, and a confidential one without, are refused', async () => {
    const secret = { ...grant, client_id: 'demo-cli', client_secret: 'x' };
    expect(await post(server, '/oauth/token', anyone, secret)).toMatchObject(wrong);
    const none = { ...grant, client_id: 'demo-app' };
    expect(await post(server, '/oauth/token', anyone, none)).toMatchObject(wrong);
  });

  test('credentials in the query do not count', async () => {
    const query = 'client_id=demo-app&client_secret=demo-app-secret';
    const answer = await post(server, `/oauth/token?${query}`, anyone, grant);
    expect([400, 401]).toContain(answer.status);
  });

  test.each(['Bearer abc', 'Basic', 'Basic !!!', 'Basic ZGVtbw==', 'Basic JTpq'])(
    'a malformed Authorization header %j is refused',
    async (authorization) => {
      const answer = await post(server, '/oauth/token', anyone, grant, { authorization });
      expect([400, 401]).toContain(answer.status);
    },
  );
});

describe('section 4.1.3, access token request', () => {
  const refused = { status: 400, body: { error: 'invalid_grant' } };

  test('what is not a live code of this client is invalid_grant', async () => {
    const { code, verifier } = await obtained();
    const { access_token, refresh_token } = await tokens();
    const session = [...agent.cookies.values()];
    const forged = [code.slice(0, -1), `${code}A`, access_token, refresh_token, ...session, 'x'];
    for (const value of forged) {
      expect(await redeem(server, demoApp, value, verifier)).toMatchObject(refused);
    }
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('the redirect_uri must be there, and the same', async () => {
    const { code, verifier } = await obtained();
    const other = { redirect_uri: `${server.issuer}/demo/callback` };
    expect(await redeem(server, demoApp, code, verifier, other)).toMatchObject(refused);
    const none = { grant_type: 'authorization_code', code, code_verifier: verifier };
    expect((await post(server, '/oauth/token', demoApp, none)).body.error).toBe('invalid_request');
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('a code of a public client is bound to it', async () => {
    const { code, verifier } = await obtained(demoCli);
    const change = { redirect_uri: demoCli.redirectUri };
    expect(await redeem(server, demoApp, code, verifier, change)).toMatchObject(refused);
    expect((await redeem(server, demoCli, code, verifier)).status).toBe(200);
  });

  test('a code is worth nothing once the account is suspended', async () => {
    const { code, verifier } = await obtained();
    const update = statement('update accounts set status = $2 where email = $1');
    await server.database.db.query(update, [dba, 'suspended']);
    const answer = await redeem(server, demoApp, code, verifier);
    await server.database.db.query(update, [dba, 'active']);
    expect(answer).toMatchObject(refused);
  });
});

describe('section 6, refreshing', () => {
  test('another client, or none, gets nothing, and the owner keeps its session', async () => {
    const { refresh_token: token, access_token } = await tokens();
    expect((await refresh(server, tinyApp, token)).body.error).toBe('invalid_grant');
    expect((await refresh(server, demoCli, token)).body.error).toBe('invalid_grant');
    expect((await refresh(server, { ...demoApp, secret: undefined }, token)).status).toBe(401);
    expect(await isAlive(server, access_token)).toBe(true);
    expect((await refresh(server, demoApp, token)).status).toBe(200);
  });

  test.each([
    ['a scope outside the grant', 'database:delete_database', 'database:delete_database'],
    ['a scope that does not exist', 'bogus', 'bogus'],
    ['a bare name outside the grant', 'delete_database', 'delete_database'],
  ])('%s is invalid_scope, named, and does not rotate', async (_, asked, named) => {
    const { refresh_token: token } = await tokens();
    const { status, body } = await refresh(server, demoApp, token, { scope: asked });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_scope' });
    expect(body.error_description).toContain(named);
    expect((await refresh(server, demoApp, token)).status).toBe(200);
  });

  test('a bare name narrows the access token, and the next refresh has the whole grant again', async () => {
    const { refresh_token: token } = await tokens();
    const narrow = await refresh(server, demoApp, token, { scope: 'read_branches' });
    expect(narrow.body.scope).toBe('database:read_branches');
    const whole = await refresh(server, demoApp, narrow.body.refresh_token);
    expect(whole.body.scope).toBe(scope);
  });
});

describe('section 5.2, error response', () => {
  test.each(['password', 'implicit', 'urn:x', ''])(
    'grant type %j is not offered',
    async (grantType) => {
      const { status, body } = await post(server, '/oauth/token', demoApp, {
        grant_type: grantType,
        username: dba,
        password: 'usher-demo',
      });
      expect(status).toBe(400);
      expect(body.error).toBe(grantType === '' ? 'invalid_request' : 'unsupported_grant_type');
    },
  );

  test('client_credentials is for service clients of the platform alone', async () => {
    const fields = { grant_type: 'client_credentials', scope: 'platform:sync' };
    const { status, body } = await post(server, '/oauth/token', demoApp, fields);
    expect(status).toBe(400);
    expect(body.error).toBe('unauthorized_client');
    expect(body.error_description).toMatch(/service clients, which an operator .* makes/);
  });

  test('a grant type that the client did not register is unauthorized_client', async () => {
    const { status, body } = await redeem(server, demoApi, 'usher_ac_x', 'x'.repeat(43));
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'unauthorized_client' });
  });

  test('a repeated parameter is invalid_request', async () => {
    const body = 'grant_type=refresh_token&refresh_token=a&refresh_token=b';
    expect((await send(body)).body.error).toBe('invalid_request');
  });

  test.each([
    ['JSON', 'application/json', '{"grant_type":"refresh_token"}'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--'],
    ['text', 'text/plain', 'grant_type=refresh_token'],
    ['two at once', 'application/json, application/x-www-form-urlencoded', 'grant_type=x'],
    ['UTF-16', 'application/x-www-form-urlencoded; charset=utf-16', 'grant_type=x'],
    ['nonsense', '/;;=', 'grant_type=x'],
  ])('a body as %s is refused', async (_, type, body) => {
    const { status } = await send(body, type);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  test.each([57 * 1024, 1024 * 1024])('a body of %i bytes is refused', async (size) => {
    const { status } = await send(`grant_type=${'x'.repeat(size)}`);
    expect([400, 413]).toContain(status);
  });

  test('an endless body is cut off, and nothing of it is kept', async () => {
    expect([400, 413, 'cut']).toContain(await sendChunks(100 * 1024 * 1024));
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'])('%s is not offered', async (method) => {
    for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/par']) {
      const { status } = await fetch(`${server.issuer}${path}`, { method });
      expect([404, 405]).toContain(status);
    }
  });

  test('descriptions are clean, and say nothing of the inside', async () => {
    const answers = await Promise.all([
      send('grant_type=a%0d%0ab'),
      send('grant_type=%00'),
      send("grant_type=refresh_token&refresh_token=';drop table tokens"),
      send('grant_type=authorization_code&code=%ff%fe&redirect_uri=x&code_verifier=y'),
      post(server, '/oauth/token', { ...demoApp, id: 'a\u0000b' }, { grant_type: 'refresh_token' }),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBeLessThan(500);
      expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
      expect(body.error_description).not.toMatch(/sql|select|postgres|\bat \//i);
    }
  });
});

describe('CORS', () => {
  const origin = 'https://evil.test';

  test("no foreign page may read a confidential client's answer, and no code is touched", async () => {
    const { code, verifier } = await obtained();
    const answer = await redeem(server, demoApp, code, verifier, {}, { origin });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('a public client is answered where its users come back to', async () => {
    const { refresh_token: token } = await tokens(demoCli);
    const own = await refresh(server, demoCli, token, {}, { origin: 'http://127.0.0.1' });
    expect(own.status).toBe(200);
    expect(own.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1');
    const foreign = await refresh(server, demoCli, own.body.refresh_token, {}, { origin });
    expect(foreign.status).toBe(400);
  });

  test('RFC 8252 section 7.3: on loopback that is any port, but no other host or scheme', async () => {
    let { refresh_token: token } = await tokens(demoCli);
    for (const [from, status] of [
      ['http://127.0.0.1:50123', 200],
      ['http://localhost:50123', 400],
      ['https://127.0.0.1:50123', 400],
      ['http://127.0.0.1.evil.test:50123', 400],
      ['null', 400],
    ] as const) {
      const answer = await refresh(server, demoCli, token, {}, { origin: from });
      expect([from, answer.status]).toEqual([from, status]);
      if (status === 200) token = answer.body.refresh_token;
    }
  });
});

/** A token request by `demo-app` with any body. */
async function send(body: string, type = 'application/x-www-form-urlencoded') {
  const headers = { ...basic('demo-app', 'demo-app-secret'), 'content-type': type };
  return readAnswer(await fetch(`${server.issuer}/oauth/token`, { method: 'POST', headers, body }));
}

/** Writes until the server answers or hangs up. */
function sendChunks(bytes: number): Promise<number | undefined | 'cut'> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = httpRequest(`${server.issuer}/oauth/token`, { method: 'POST', headers });
    request.on('response', (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on('error', () => resolve('cut'));
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let left = bytes;
    const write = () => {
      while (left > 0 && !request.destroyed) {
        left -= chunk.length;
        if (!request.write(chunk)) return request.once('drain', write);
      }
      return request.end();
    };
    write();
  });
}
