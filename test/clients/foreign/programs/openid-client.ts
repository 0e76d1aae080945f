/** openid-client: registers itself, then everything by the library, with its defaults. */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import * as client from 'openid-client';
import { did, finish, openInBrowser, setting } from './talk.ts';

const issuer = new URL(setting('ISSUER'));
const redirectUri = setting('REDIRECT_URI');
const insecure = { execute: [client.allowInsecureRequests] };
const scope = 'openid profile email database:write_branches';

const config = await client.dynamicClientRegistration(
  issuer,
  {
    client_name: 'Backup runner',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  undefined,
  insecure,
);
equal(config.serverMetadata().issuer, issuer.origin);
did('discovery');
did('registration');

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const callback = await openInBrowser(
  client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }),
);
did('authorization');

const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
did('token');
const claims = tokens.claims();
equal(claims?.iss, issuer.origin);
did('id_token');

const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
equal(info.email, 'dba@acme.test');
did('userinfo');

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
did('refresh');

const api = await client.discovery(
  issuer,
  setting('API_ID'),
  setting('API_SECRET'),
  undefined,
  insecure,
);
const ask = () =>
  client.tokenIntrospection(api, refreshed.access_token, { resource: setting('RESOURCE') });
equal((await ask()).scope, 'database:write_branches');
did('introspection');

await client.tokenRevocation(config, refreshed.access_token);
deepEqual(await ask(), { active: false });
await rejects(client.refreshTokenGrant(config, refreshed.refresh_token ?? ''), {
  error: 'invalid_grant',
});
did('revocation');
finish();
