/** The Fetch standard's CORS protocol, as hosts that run in a browser need it. */

import { describe, expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { readAnswer } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const server = forAllTests(startTestServer);

const origin = 'http://127.0.0.1:6274';
const send = (path: string, init: RequestInit = {}) =>
  fetch(server.issuer + path, { ...init, headers: { origin, ...init.headers } });

describe('metadata is read by pages of any origin, where it is not, too', () => {
  test.each([
    ['/.well-known/oauth-authorization-server', 200],
    ['/.well-known/openid-configuration', 200],
    ['/.well-known/oauth-authorization-server/mcp', 404],
    ['/.well-known/openid-configuration/mcp', 404],
    ['/mcp/.well-known/openid-configuration', 404],
    ['/.well-known/oauth-protected-resource', 404],
    ['/.well-known/oauth-protected-resource/api/v1', 200],
  ])('%s', async (path, status) => {
    const answer = await send(path);
    expect(answer.status).toBe(status);
    expect(['*', origin]).toContain(answer.headers.get('access-control-allow-origin'));
    const asking = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version',
    };
    const preflight = await send(path, { method: 'OPTIONS', headers: asking });
    expect([200, 204]).toContain(preflight.status);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(
      /\*|mcp-protocol-version/,
    );
  });
});

test.each(['demo-cli', 'app_00000000000000000000000000000000'])(
  'the token endpoint says to a script of %s what happened, and when to come back',
  async (client) => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'usher_rt_0',
      client_id: client,
    });
    const answer = await send('/oauth/token', { method: 'POST', body });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After');
    // RFC 6749 section 5.2: a client that was deleted is to register anew.
    const expected = client === 'demo-cli' ? [400, 'invalid_grant'] : [401, 'invalid_client'];
    expect([answer.status, (await readAnswer(answer)).body.error]).toEqual(expected);
  },
);

test('what hosts look for is announced', async () => {
  const metadata = await (await send('/.well-known/oauth-authorization-server')).json();
  expect(metadata).toMatchObject({
    scopes_supported: expect.arrayContaining(['openid', 'offline_access']),
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
  });
});
