/**
 * Client libraries as applications use them, unmodified and with all their checks on. The one thing
 * allowed is `http`, since the issuer is on loopback.
 */

import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordAnswer } from '../support/issued-secrets.ts';
import { allow, demoApi, demoApp, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:write_branches database:read_database';
const shop = 'acme/shop';
const branch = 'organizations/acme/databases/shop/branches/main';
const server = forAllTests(startTestServer);

/** The person at the browser: signs in, consents if asked, and is sent back. */
async function authorize(url: URL, agent = createUserAgent(server.issuer)): Promise<URL> {
  const page = await signInFor(agent, url.href, dba);
  const isAsked = page.html.includes('data-consent');
  const paths = page.html.includes(`data-path="${shop}"`) ? [shop] : [];
  const back = isAsked ? await allow(agent, page, paths) : page;
  return new URL(back.url);
}

/** As an operator does by `application set`. */
async function keepRefreshTokens(id: string): Promise<void> {
  const settings = { refresh_tokens: 'kept' };
  await server.database.db.query(statement('update clients set settings = $2 where id = $1'), [
    id,
    settings,
  ]);
}

describe('openid-client', () => {
  const redirectUri = 'http://localhost:8765/callback';
  const insecure = { execute: [client.allowInsecureRequests] };

  const discover = (id: string, secret: string) =>
    client.discovery(new URL(server.issuer), id, secret, undefined, insecure);

  interface Wanted {
    readonly isPushed?: boolean;
    readonly dpop?: client.DPoPHandle;
    readonly agent?: UserAgent;
    /** Undefined: none is sent. */
    readonly scope?: string | undefined;
  }

  async function request(config: client.Configuration, wanted: Wanted = {}) {
    const { isPushed = false, dpop, agent } = wanted;
    const asked = 'scope' in wanted ? wanted.scope : scope;
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const parameters = {
      redirect_uri: redirectUri,
      ...(asked === undefined ? {} : { scope: asked }),
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    const options = dpop === undefined ? {} : { DPoP: dpop };
    const url = isPushed
      ? await client.buildAuthorizationUrlWithPAR(config, parameters, options)
      : client.buildAuthorizationUrl(config, parameters);
    const checks = {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    };
    const tokens = await client.authorizationCodeGrant(
      config,
      await authorize(url, agent),
      checks,
      undefined,
      options,
    );
    recordAnswer(tokens);
    return tokens;
  }

  /** Refresh, introspection by the application and a resource server, userinfo, revocation. */
  async function useAndRevoke(config: client.Configuration, tokens: client.TokenEndpointResponse) {
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    recordAnswer(refreshed);
    const api = await discover(demoApi.id, demoApi.secret);
    const asked = await client.tokenIntrospection(api, refreshed.access_token, {
      resource: branch,
    });
    expect(asked).toMatchObject({ active: true, scope: 'database:write_branches' });
    const own = await client.tokenIntrospection(config, refreshed.access_token);
    expect(own).toMatchObject({ active: true, scope, username: dba });

    const { sub } = own;
    expect((await client.fetchUserInfo(config, refreshed.access_token, sub ?? '')).sub).toBe(sub);

    await client.tokenRevocation(config, refreshed.access_token);
    expect(await client.tokenIntrospection(api, refreshed.access_token)).toEqual({ active: false });
    await expect(
      client.refreshTokenGrant(config, refreshed.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  }

  test('discovery, registration, code with PKCE, refresh, introspection, revocation', async () => {
    const metadata = { client_name: 'Backup runner', redirect_uris: [redirectUri], scope };
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      { ...metadata, grant_types: ['authorization_code', 'refresh_token'] },
      undefined,
      insecure,
    );
    recordAnswer(config.clientMetadata());
    const tokens = await request(config);
    expect(tokens.claims()).toMatchObject({
      iss: server.issuer,
      aud: config.clientMetadata().client_id,
    });
    await useAndRevoke(config, tokens);
  });

  test('a client that proves itself by a key: assertions for the issuer, ID tokens by ES256', async () => {
    const { publicKey, privateKey } = await client.randomDPoPKeyPair('ES256', {
      extractable: true,
    });
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      {
        client_name: 'Key holder',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: JSON.parse(
          JSON.stringify({ keys: [await crypto.subtle.exportKey('jwk', publicKey)] }),
        ),
        id_token_signed_response_alg: 'ES256',
      },
      client.PrivateKeyJwt(privateKey),
      insecure,
    );
    recordAnswer(config.clientMetadata());
    await useAndRevoke(config, await request(config, { isPushed: true }));
  });

  test('the same by a pushed request', async () => {
    const config = await discover(demoApp.id, demoApp.secret ?? '');
    await useAndRevoke(config, await request(config, { isPushed: true }));
  });

  test('with DPoP: the pushed request, the tokens, the refresh', async () => {
    const config = await discover(demoApp.id, demoApp.secret ?? '');
    const handle = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const tokens = await request(config, { isPushed: true, dpop: handle });
    expect(tokens.token_type).toBe('dpop');
    const refreshed = await client.refreshTokenGrant(
      config,
      tokens.refresh_token ?? '',
      undefined,
      {
        DPoP: handle,
      },
    );
    recordAnswer(refreshed);
    const answer = await client.tokenIntrospection(config, refreshed.access_token);
    expect(answer.cnf).toEqual({ jkt: await handle.calculateThumbprint() });
    const { sub = '' } = answer;
    const info = await client.fetchUserInfo(config, refreshed.access_token, sub, { DPoP: handle });
    expect(info.sub).toBe(sub);
  });

  test('buildEndSessionUrl: the person signs out, and comes back with the state', async () => {
    const goodbye = 'https://backup.example/goodbye';
    const metadata = { client_name: 'Backup runner', redirect_uris: [redirectUri], scope };
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      { ...metadata, post_logout_redirect_uris: [goodbye] },
      undefined,
      insecure,
    );
    recordAnswer(config.clientMetadata());
    const agent = createUserAgent(server.issuer);
    const tokens = await request(config, { agent });
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: goodbye,
      state: 'bye',
    });
    const back = await agent.submit(await agent.get(url.href), undefined, '/sign-out/application');
    expect(back.url).toBe(`${goodbye}?state=bye`);
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('step-up: a refused act is followed by a request for more, which the person allows', async () => {
    const metadata = {
      client_name: 'Assistant',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    };
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      metadata,
      client.None(),
      insecure,
    );
    recordAnswer(config.clientMetadata());
    const agent = createUserAgent(server.issuer);
    const first = await request(config, { agent, scope: undefined, isPushed: true });
    expect((await request(config, { agent, scope: undefined })).scope).toBe(first.scope);
    expect(first.scope).toBe('openid profile email');
    const more = `${first.scope} database:read_database`;
    const second = await request(config, { agent, scope: more });
    expect(second.scope?.split(' ').toSorted()).toEqual(more.split(' ').toSorted());
    const refreshed = await client.refreshTokenGrant(config, second.refresh_token ?? '');
    recordAnswer(refreshed);
    expect(refreshed.scope).toBe(second.scope);
  });

  test('kept refresh tokens with DPoP: every refresh is by the first one', async () => {
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      {
        client_name: 'Payments',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        dpop_bound_access_tokens: true,
        scope,
      },
      undefined,
      insecure,
    );
    recordAnswer(config.clientMetadata());
    const { client_id: id } = config.clientMetadata();
    await keepRefreshTokens(id);
    const handle = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const tokens = await request(config, { isPushed: true, dpop: handle });
    for (let round = 0; round < 3; round += 1) {
      const refreshed = await client.refreshTokenGrant(
        config,
        tokens.refresh_token ?? '',
        undefined,
        { DPoP: handle },
      );
      recordAnswer(refreshed);
      expect(refreshed.token_type).toBe('dpop');
      expect([undefined, tokens.refresh_token]).toContain(refreshed.refresh_token);
      const answer = await client.tokenIntrospection(config, refreshed.access_token);
      expect(answer.cnf).toEqual({ jkt: await handle.calculateThumbprint() });
    }
    const unbound = client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await expect(unbound).rejects.toMatchObject({ code: 'OAUTH_RESPONSE_BODY_ERROR' });
  });

  test('an error of the authorization endpoint is understood', async () => {
    const config = await discover(demoApp.id, demoApp.secret ?? '');
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'database:read_everything',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const back = await authorize(url);
    await expect(client.authorizationCodeGrant(config, back, {})).rejects.toMatchObject({
      error: 'invalid_scope',
      error_description: expect.stringContaining('database:read_everything'),
    });
  });
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  async function discover(algorithm?: 'oauth2'): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(server.issuer);
    const options = { ...insecure, ...(algorithm && { algorithm }) };
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  }

  test('discovery at both addresses says the same', async () => {
    expect(await discover('oauth2')).toEqual(await discover());
  });

  test('a public native client: registration, PAR, code with PKCE and DPoP, refresh, revocation', async () => {
    const as = await discover('oauth2');
    const app = await register(as);
    const auth = oauth.None();
    const DPoP = oauth.DPoP(app, await oauth.generateKeyPair('ES256'));
    const options = { ...insecure, DPoP };

    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const redirectUri = 'http://127.0.0.1:51234/callback';
    const pushed = await oauth.processPushedAuthorizationResponse(
      as,
      app,
      await oauth.pushedAuthorizationRequest(
        as,
        app,
        auth,
        {
          response_type: 'code',
          redirect_uri: redirectUri,
          scope: 'read_database',
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        },
        options,
      ),
    );
    recordAnswer(pushed);
    const url = new URL(as.authorization_endpoint ?? '');
    url.searchParams.set('client_id', app.client_id);
    url.searchParams.set('request_uri', pushed.request_uri);
    const callback = oauth.validateAuthResponse(as, app, await authorize(url), state);

    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      app,
      await oauth.authorizationCodeGrantRequest(
        as,
        app,
        auth,
        callback,
        redirectUri,
        verifier,
        options,
      ),
    );
    recordAnswer(tokens);
    expect(tokens).toMatchObject({ token_type: 'dpop', scope: 'database:read_database' });

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      app,
      await oauth.refreshTokenGrantRequest(as, app, auth, tokens.refresh_token ?? '', options),
    );
    recordAnswer(refreshed);
    const answer = await introspect(as, refreshed.access_token);
    expect(answer).toMatchObject({ active: true, client_id: app.client_id, token_type: 'DPoP' });

    const { refresh_token: last = '' } = refreshed;
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, app, auth, last, insecure),
    );
    expect(await introspect(as, refreshed.access_token)).toEqual({ active: false });
  });

  async function register(as: oauth.AuthorizationServer): Promise<oauth.Client> {
    const metadata = {
      client_name: 'Shell',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'read_database',
      dpop_bound_access_tokens: true,
    };
    const response = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
    const app = await oauth.processDynamicClientRegistrationResponse(response);
    recordAnswer(app);
    return app as oauth.Client;
  }

  async function introspect(as: oauth.AuthorizationServer, token: string) {
    const asker = { client_id: demoApi.id };
    const auth = oauth.ClientSecretBasic(demoApi.secret);
    const response = await oauth.introspectionRequest(as, asker, auth, token, insecure);
    return oauth.processIntrospectionResponse(as, asker, response);
  }
});
