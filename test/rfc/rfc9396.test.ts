/** RFC 9396: what an application wishes by `authorization_details`, at authorization and pushed. */

import { describe, expect, test } from 'vitest';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, demoApp, post, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const scope = 'database:read_database database:write_branches';
const server = forAllTests(startTestServer);

const wish = (element: object) => JSON.stringify([{ type: 'usher', ...element }]);

describe('section 5, authorization error response', () => {
  test.each([
    ['malformed', '{"type":"usher"'],
    ['of another type', '[{"type":"payment","identifier":"acme"}]'],
    ['with an unknown property', wish({ identifier: 'acme', colour: 'blue' })],
    ['beyond scope', wish({ identifier: 'acme/shop', actions: ['user:read_user'] })],
  ])('invalid_authorization_details: %s', async (_what, details) => {
    const change = { scope, authorization_details: details };
    const answer = await authorize(server, demoApp, change);
    expectErrorRedirect(answer, demoApp, 'invalid_authorization_details');

    const { url } = authorizationRequest(server, demoApp, scope, change);
    const pushed = await post(
      server,
      '/oauth/par',
      demoApp,
      Object.fromEntries(new URL(url).searchParams),
    );
    expect(pushed).toMatchObject({
      status: 400,
      body: { error: 'invalid_authorization_details' },
    });
  });
});

describe('section 2, request', () => {
  test.each([
    ['authorization_details', 1, { authorization_details: wish({ identifier: 'acme/shop' }) }],
    ['database', 1, { database: 'acme/shop' }],
    ['what nothing is called', 0, { database: '../..' }],
  ])('%s is taken, pushed or not', async (_what, picked, change) => {
    const { url } = authorizationRequest(server, demoApp, scope, change);
    const agent = createUserAgent(server.issuer);
    const page = await signInFor(agent, url, 'dba@acme.test');
    expect(page.url).toMatch(/\/interaction\/[^/]+\/consent$/);
    expect(page.html.match(/<input [^>]*name="pick"[^>]* checked/g) ?? []).toHaveLength(picked);
    const fields = Object.fromEntries(new URL(url).searchParams);
    const pushed = await post(server, '/oauth/par', demoApp, fields);
    expect(pushed.body).toMatchObject({ request_uri: expect.any(String) });
  });
});

test('section 10, metadata', async () => {
  const answer = await fetch(`${server.issuer}/.well-known/oauth-authorization-server`);
  expect(await answer.json()).toMatchObject({ authorization_details_types_supported: ['usher'] });
});
