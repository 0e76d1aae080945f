/** oauth4webapi: a native client that registers itself, has no secret, and binds its tokens (DPoP). */

import { deepEqual, equal } from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { did, finish, openInBrowser, setting } from './talk.ts';

const issuer = new URL(setting('ISSUER'));
const redirectUri = 'http://127.0.0.1:51234/callback';
const insecure = { [oauth.allowInsecureRequests]: true };

const as = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, insecure),
);
did('discovery');

const registered = await oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(
    as,
    {
      client_name: 'Shell',
      token_endpoint_auth_method: 'none',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      dpop_bound_access_tokens: true,
    },
    insecure,
  ),
);
const client: oauth.Client = { client_id: registered.client_id };
did('registration');

const auth = oauth.None();
const options = {
  ...insecure,
  DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')),
};
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const pushed = await oauth.processPushedAuthorizationResponse(
  as,
  client,
  await oauth.pushedAuthorizationRequest(
    as,
    client,
    auth,
    {
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid email database:write_branches',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    },
    options,
  ),
);
const url = new URL(as.authorization_endpoint ?? '');
url.search = `${new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri })}`;
const callback = oauth.validateAuthResponse(as, client, await openInBrowser(url), state);
did('authorization');

const answer = await oauth.authorizationCodeGrantRequest(
  as,
  client,
  auth,
  callback,
  redirectUri,
  verifier,
  options,
);
const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
  expectedNonce: nonce,
  requireIdToken: true,
});
equal(tokens.token_type, 'dpop');
did('token');
await oauth.validateApplicationLevelSignature(as, answer, insecure);
const sub = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '';
did('id_token');

const info = await oauth.processUserInfoResponse(
  as,
  client,
  sub,
  await oauth.userInfoRequest(as, client, tokens.access_token, options),
);
equal(info.email, 'dba@acme.test');
did('userinfo');

const refreshed = await oauth.processRefreshTokenResponse(
  as,
  client,
  await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token ?? '', options),
);
did('refresh');

async function ask() {
  const api = { client_id: setting('API_ID') };
  const proof = oauth.ClientSecretBasic(setting('API_SECRET'));
  const additional = { additionalParameters: { resource: setting('RESOURCE') } };
  const asked = await oauth.introspectionRequest(as, api, proof, refreshed.access_token, {
    ...insecure,
    ...additional,
  });
  return oauth.processIntrospectionResponse(as, api, asked);
}
const live = await ask();
deepEqual([live.scope, live.token_type], ['database:write_branches', 'DPoP']);
did('introspection');

await oauth.processRevocationResponse(
  await oauth.revocationRequest(as, client, auth, refreshed.refresh_token ?? '', insecure),
);
deepEqual(await ask(), { active: false });
did('revocation');
finish();
