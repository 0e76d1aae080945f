/**
 * Debian's Apache with mod_auth_openidc, by its settings alone: a relying party that finds the
 * provider and registers itself there, and a resource server that asks at every request.
 */

import { equal, match, notEqual } from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { startApache } from '../apache-server.ts';
import { did, finish, openInBrowser, setting } from './talk.ts';

const issuer = setting('ISSUER');
const apache = await startApache(
  'auth_openidc',
  (origin, directory) => `
OIDCMetadataDir ${directory}
OIDCRedirectURI ${origin}/app/return
OIDCCryptoPassphrase any-words-will-do
OIDCClientName Apache
OIDCScope "openid profile email database:write_branches"
OIDCPKCEMethod S256
OIDCProviderRegistrationEndpointJson '{"grant_types":["authorization_code","refresh_token"]}'
OIDCInfoHook access_token id_token userinfo refresh_token
<Location /app>
  AuthType openid-connect
  Require valid-user
</Location>

OIDCOAuthServerMetadataURL ${issuer}/.well-known/oauth-authorization-server
OIDCOAuthIntrospectionEndpointParams resource=${encodeURIComponent(setting('RESOURCE'))}
OIDCOAuthClientID ${setting('API_ID')}
OIDCOAuthClientSecret ${setting('API_SECRET')}
OIDCOAuthRemoteUserClaim sub
<Location /api>
  AuthType oauth20
  OIDCOAuthTokenIntrospectionInterval -1
  Require claim scope:database:write_branches
</Location>`,
);
const cookies = new Map<string, string>();

/** The person's browser at Apache, which takes `fetch` for a script and does not let it sign in. */
async function visit(url: string): Promise<{ location: string | undefined; text: string }> {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
  const headers = { accept: 'text/html', cookie };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, headers }, resolve).on('error', reject).end();
  });
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  return { location: answer.headers.location, text: await text(answer) };
}

/** Where an answer sends the browser. */
async function sentTo(url: string): Promise<string> {
  const { location, text: page } = await visit(url);
  if (location === undefined) throw new Error(`${url} leads nowhere: ${page}`);
  return new URL(location, url).href;
}

/** What the module knows of the session. */
async function session() {
  return JSON.parse((await visit(`${apache.origin}/app/return?info=json`)).text);
}

async function callApi(token: string): Promise<number> {
  const answer = await fetch(`${apache.origin}/api/`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.status;
}

try {
  const target = `${apache.origin}/app/`;
  const { text: choice } = await visit(target);
  const [csrf = ''] = /(?<=x_csrf=)[^&"']+|(?<=name="x_csrf" value=")[^"]+/.exec(choice) ?? [];
  const start = { iss: issuer, target_link_uri: target, x_csrf: csrf };
  const url = new URL(await sentTo(`${apache.origin}/app/return?${new URLSearchParams(start)}`));
  equal(url.origin, issuer);
  did('discovery');
  did('registration');

  equal(await sentTo((await openInBrowser(url)).href), target);
  did('authorization');
  equal((await visit(target)).text, 'the page app');
  did('token');

  const before = await session();
  equal(before.id_token.iss, issuer);
  did('id_token');
  equal(before.userinfo.email, 'dba@acme.test');
  did('userinfo');

  const refresh = { refresh: target, access_token: before.access_token };
  equal(await sentTo(`${apache.origin}/app/return?${new URLSearchParams(refresh)}`), target);
  const { access_token: token } = await session();
  notEqual(token, before.access_token);
  did('refresh');

  equal(await callApi(token), 200);
  equal(await callApi('nothing'), 401);
  did('introspection');

  const home = `${apache.origin}/`;
  match(await sentTo(`${apache.origin}/app/return?logout=${encodeURIComponent(home)}`), /./);
  equal(await callApi(token), 401);
  did('revocation');
} finally {
  await apache.stop();
  finish();
}
