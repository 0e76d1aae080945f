/** OAuth and OpenID, registration among it. */

import {
  authorizationRequest,
  demoApi,
  demoApp,
  obtainTokens,
  type TestClient,
} from '../../support/oauth.ts';
import { createUserAgent } from '../../support/user-agent.ts';
import { everyScope } from '../wide-world.ts';
import { basic, cookieOf, form, json, type LargeRequest, type Parts, type Rows } from './parts.ts';
import { kilobyte, query, repeated, worstForms, worstJson } from './texts.ts';

export async function oauthRows({ server, send, world, browser }: Parts): Promise<Rows> {
  const { issuer } = server;
  const size = 56 * kilobyte;
  const agent = createUserAgent(issuer);
  let { refresh_token: next, access_token: bearer } = await obtainTokens(
    server,
    demoApp,
    world.email,
    everyScope,
    agent,
  );
  const cookies = () => cookieOf(browser);
  const posted =
    (path: string, body: string, client: TestClient = demoApp) =>
    () =>
      send(path, { method: 'POST', headers: { ...form, ...basic(client) }, body });
  const hostile = (path: string) =>
    worstForms(size).map(([what, body]) => ({ what, send: posted(path, body) }));
  const wide = authorizationRequest(server, demoApp, everyScope, {
    state: 'x'.repeat(4 * kilobyte),
  });
  const authorize = `/oauth/authorize${new URL(wide.url).search}`;
  const refreshed = async () => {
    const response = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      headers: basic(demoApp),
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: next }),
    });
    const body = (await response.json()) as { refresh_token?: string; access_token?: string };
    next = body.refresh_token ?? next;
    bearer = body.access_token ?? bearer;
    return response.status;
  };
  const metadata = largestMetadata();
  const registered: { uri: string; token: string } = await registration(issuer, metadata);
  const own = { ...json, authorization: `Bearer ${registered.token}` };
  const badMetadata = worstJson(16 * kilobyte);
  const look = (path: string, headers = {}): LargeRequest[] => [
    { what: 'as it is', send: () => send(path, { headers }) },
    { what: 'query', send: () => send(path + query(), { headers }) },
    { what: 'repeated', send: () => send(path + repeated, { headers }) },
  ];
  const introspect = '/oauth/introspect';
  const token = world.tokens[0] ?? '';
  return {
    'GET /oauth/authorize': [
      { what: 'every scope', send: () => send(authorize, { headers: cookies() }), status: 303 },
      { what: 'query', send: () => send(`/oauth/authorize${query()}`) },
      {
        what: 'spaces',
        send: () =>
          send(`/oauth/authorize?client_id=${demoApp.id}&scope=${'a+'.repeat(6 * kilobyte)}`),
      },
    ],
    'POST /oauth/authorize': hostile('/oauth/authorize'),
    'GET /oauth/authorize/:uid': look('/oauth/authorize/none'),
    'POST /oauth/token': [
      { what: 'refresh of 500 entries', send: refreshed, status: 200 },
      ...hostile('/oauth/token'),
      {
        what: 'a long code',
        send: posted(
          '/oauth/token',
          `grant_type=authorization_code&code=${'a'.repeat(size - 100)}`,
        ),
      },
      {
        what: 'a long assertion',
        send: () =>
          send('/oauth/token', {
            method: 'POST',
            headers: form,
            body: `grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=${`${'eyJhIjox'.repeat(2_000)}.`.repeat(3)}`,
          }),
      },
    ],
    'POST /oauth/introspect': [
      { what: '500 entries', send: posted(introspect, `token=${token}`, demoApi), status: 200 },
      {
        what: '100 at once on 500 entries',
        send: async () =>
          Math.max(
            ...(await Promise.all(
              world.tokens
                .slice(0, 100)
                .map((one) => posted(introspect, `token=${one}`, demoApi)()),
            )),
          ),
        status: 200,
      },
      {
        what: 'as a JWT',
        send: () =>
          send(introspect, {
            method: 'POST',
            headers: { ...form, ...basic(demoApi), accept: 'application/token-introspection+jwt' },
            body: `token=${token}`,
          }),
      },
      ...hostile(introspect),
      { what: 'a long token', send: posted(introspect, `token=${'a'.repeat(size - 10)}`, demoApi) },
    ],
    'POST /oauth/revoke': hostile('/oauth/revoke'),
    'POST /oauth/par': [
      ...hostile('/oauth/par'),
      { what: 'every scope', send: posted('/oauth/par', new URL(wide.url).search.slice(1)) },
    ],
    'GET /oauth/userinfo': [
      {
        what: 'as it is',
        send: () => send('/oauth/userinfo', { headers: { authorization: `Bearer ${bearer}` } }),
        status: 200,
      },
    ],
    'GET /oauth/jwks': look('/oauth/jwks'),
    'GET /oauth/session/end': look('/oauth/session/end', cookies()),
    'POST /oauth/session/end': hostile('/oauth/session/end'),
    'GET /oauth/end-session': look('/oauth/end-session', cookies()),
    'POST /oauth/end-session': hostile('/oauth/end-session'),
    'GET /.well-known/oauth-authorization-server': look('/.well-known/oauth-authorization-server'),
    'GET /.well-known/openid-configuration': look('/.well-known/openid-configuration'),
    'GET /.well-known/authzen-configuration': look('/.well-known/authzen-configuration'),
    'POST /oauth/register': [
      {
        what: 'the largest metadata',
        send: () => send('/oauth/register', { method: 'POST', headers: json, body: metadata }),
        status: 201,
      },
      ...badMetadata.map(([what, body]) => ({
        what,
        send: () => send('/oauth/register', { method: 'POST', headers: json, body }),
      })),
    ],
    'GET /oauth/register/:clientId': [
      {
        what: 'the largest metadata',
        send: () => send(registered.uri, { headers: own }),
        status: 200,
      },
    ],
    'PUT /oauth/register/:clientId': badMetadata.map(([what, body]) => ({
      what,
      send: () => send(registered.uri, { method: 'PUT', headers: own, body }),
    })),
    'DELETE /oauth/register/:clientId': [
      {
        what: 'a token that is none',
        send: () =>
          send(registered.uri, {
            method: 'DELETE',
            headers: { authorization: `Bearer ${'a'.repeat(12 * kilobyte)}` },
          }),
        status: 401,
      },
    ],
    'OPTIONS /oauth/register': [
      { what: 'as it is', send: () => send('/oauth/register', { method: 'OPTIONS' }) },
    ],
    'OPTIONS /oauth/register/:clientId': [
      { what: 'as it is', send: () => send(registered.uri, { method: 'OPTIONS' }) },
    ],
  };
}

/** As many keys, addresses and scopes as there may be. */
function largestMetadata(): string {
  const uri = (n: number) => `https://app${n}.test/${'a'.repeat(400)}`;
  return JSON.stringify({
    client_name: 'The largest of all applications that register',
    redirect_uris: Array.from({ length: 10 }, (_, n) => uri(n)),
    scope: everyScope,
    contacts: Array.from({ length: 5 }, (_, n) => `contact-${n}@${'a'.repeat(50)}.test`),
    token_endpoint_auth_method: 'none',
  });
}

async function registration(issuer: string, body: string) {
  const response = await fetch(`${issuer}/oauth/register`, { method: 'POST', headers: json, body });
  const answer = (await response.json()) as Record<string, string>;
  if (response.status !== 201) throw new Error(JSON.stringify(answer));
  const uri = new URL(answer['registration_client_uri'] ?? '').pathname;
  return { uri, token: answer['registration_access_token'] ?? '' };
}
