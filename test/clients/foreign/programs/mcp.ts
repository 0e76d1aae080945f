/** The official MCP SDK: from the address of an MCP server alone to its tools, and step-up. */

import { equal, rejects } from 'node:assert/strict';
import {
  auth,
  type OAuthClientProvider,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  type OAuthClientInformationMixed,
  OAuthMetadataSchema,
  type OAuthTokens,
  OpenIdProviderDiscoveryMetadataSchema,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startMcpServer } from './mcp-server.ts';
import { did, finish, openInBrowser, setting } from './talk.ts';

const serverUrl = new URL(setting('MCP_SERVER'));
const redirectUrl = 'http://127.0.0.1:51235/callback';
let client: OAuthClientInformationMixed | undefined;
let tokens: OAuthTokens | undefined;
let verifier = '';
let callback: URL | undefined;

/** What an application keeps; the SDK does the rest. */
const provider: OAuthClientProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: 'Helper',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  clientInformation: () => client,
  saveClientInformation: (information) => {
    client = information;
    did('registration');
  },
  tokens: () => tokens,
  saveTokens: (saved) => {
    tokens = saved;
  },
  saveCodeVerifier: (saved) => {
    verifier = saved;
  },
  codeVerifier: () => verifier,
  saveDiscoveryState: (state) => {
    equal(state.authorizationServerMetadata?.issuer, setting('ISSUER'));
    did('discovery');
  },
  redirectToAuthorization: async (url) => {
    callback = await openInBrowser(url);
  },
};

/** Connects, or calls a tool; where the SDK sends the person away, goes on when they are back. */
async function withAuthorization<T>(act: (transport: StreamableHTTPClientTransport) => Promise<T>) {
  const transport = new StreamableHTTPClientTransport(serverUrl, { authProvider: provider });
  try {
    return await act(transport);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport.finishAuth(callback?.searchParams.get('code') ?? `no code: ${callback}`);
    return act(new StreamableHTTPClientTransport(serverUrl, { authProvider: provider }));
  }
}

function forget(): void {
  tokens = { ...tokens, access_token: tokens?.access_token ?? '', token_type: 'Bearer' };
  delete tokens.refresh_token;
}

async function call(name: string) {
  return withAuthorization(async (transport) => {
    const mcp = new Client({ name: 'helper', version: '1.0.0' });
    await mcp.connect(transport as Parameters<typeof mcp.connect>[0]);
    const { content } = await mcp.callTool({ name });
    await mcp.close();
    return content;
  });
}

const server = await startMcpServer();
await call('look');
for (const step of ['authorization', 'token', 'introspection']) did(step);

const published = await fetch(`${setting('ISSUER')}/.well-known/openid-configuration`);
const metadata = OpenIdProviderDiscoveryMetadataSchema.extend(
  OAuthMetadataSchema.pick({ revocation_endpoint: true }).shape,
).parse(await published.json());
const { payload } = await jwtVerify(
  tokens?.id_token ?? '',
  createRemoteJWKSet(new URL(metadata.jwks_uri)),
  { algorithms: ['RS256'], issuer: metadata.issuer, audience: client?.client_id ?? '' },
);
equal(payload['email'], 'dba@acme.test');
did('id_token');

const before = tokens?.access_token;
equal(await auth(provider, { serverUrl }), 'AUTHORIZED');
equal(tokens?.access_token === before, false);
did('refresh');

// The SDK refreshes before it asks the person: this application keeps no refresh token from here on.
forget();
await call('change');
did('step-up');

const form = new URLSearchParams({
  token: tokens?.access_token ?? '',
  client_id: client?.client_id ?? '',
});
if (client?.client_secret !== undefined) form.set('client_secret', client.client_secret);
equal(
  (await fetch(metadata.revocation_endpoint ?? '', { method: 'POST', body: form })).status,
  200,
);
forget();
provider.redirectToAuthorization = () => {}; // nobody is at the browser any more
const transport = new StreamableHTTPClientTransport(serverUrl, { authProvider: provider });
await rejects(
  new Client({ name: 'helper', version: '1.0.0' }).connect(transport as never),
  UnauthorizedError,
);
did('revocation');
server.closeAllConnections();
server.close();
finish();
