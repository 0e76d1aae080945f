/** The official MCP client, unmodified: it connects by the address of its metadata document. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type OAuthClientProvider,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { type DocumentHost, startDocumentHost } from '../support/document-host.ts';
import { allow, introspectAs, signInFor, type TestClient } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const scope = 'database:read_database';
const redirectUrl = 'http://127.0.0.1:51236/callback';
let host: DocumentHost;
let usher: TestServer;
let mcp: Server;
let asker: TestClient;
let address: string;

beforeAll(async () => {
  host = await startDocumentHost();
  usher = await startTestServer({ CLIENT_DOCUMENTS_ON_LOOPBACK: 'on' });
  mcp = createServer((request, response) => void serve(request, response));
  mcp.listen(0, '127.0.0.1');
  await once(mcp, 'listening');
  address = `http://127.0.0.1:${(mcp.address() as AddressInfo).port}/mcp`;
  const run = commandsOn(usher.database.db, usher.issuer);
  const operator = freshEmail();
  await run('operator', 'add', operator);
  const made = await run(
    ...['resource-server', 'add', 'Shop tools', '--audience', address, '--as', operator],
  );
  asker = { id: String(made['client_id']), secret: String(made['client_secret']), redirectUri: '' };
});
afterAll(async () => {
  mcp.closeAllConnections();
  mcp.close();
  await usher.close();
  await host.close();
});

/** RFC 9728: it says whom to ask, and takes only tokens that are live for it. */
async function serve(...[request, response]: Parameters<Parameters<typeof createServer>[1] & {}>) {
  const url = new URL(request.url ?? '', address);
  if (url.pathname.startsWith('/.well-known/oauth-protected-resource')) {
    const body = {
      resource: address,
      authorization_servers: [usher.issuer],
      scopes_supported: [scope],
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return;
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const answer = token === '' ? { active: false } : await introspectAs(usher, asker, token);
  if (!answer.active) {
    const metadata = new URL('/.well-known/oauth-protected-resource/mcp', address).href;
    const challenge = `Bearer resource_metadata="${metadata}", scope="${scope}"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return;
  }
  const server = new McpServer({ name: 'shop', version: '1.0.0' });
  server.registerTool('who', {}, () => ({ content: [{ type: 'text', text: answer.client_id }] }));
  const transport = new StreamableHTTPServerTransport();
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(request, response);
}

test('it is sent to Usher, comes back, and calls a tool', async () => {
  const clientMetadataUrl = host.publish('/client.json', { client_name: 'Helper' });
  let tokens: OAuthTokens | undefined;
  let verifier = '';
  let sentTo: URL | undefined;
  let known: OAuthClientInformationMixed | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadataUrl,
    clientMetadata: {
      client_name: 'Helper',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    clientInformation: () => known,
    saveClientInformation: (information) => {
      known = information;
    },
    tokens: () => tokens,
    saveTokens: (saved) => {
      tokens = saved;
    },
    saveCodeVerifier: (saved) => {
      verifier = saved;
    },
    codeVerifier: () => verifier,
    redirectToAuthorization: (url) => {
      sentTo = url;
    },
  };
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
  const connect = async (by: StreamableHTTPClientTransport) => {
    const client = new Client({ name: 'helper', version: '1.0.0' });
    await client.connect(by as Parameters<typeof client.connect>[0]);
    return client;
  };

  const first = transport();
  await expect(connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
  expect(sentTo?.searchParams.get('client_id')).toBe(clientMetadataUrl);
  const agent = createUserAgent(usher.issuer);
  const page = await signInFor(agent, sentTo?.href ?? '', 'dba@acme.test');
  expect(page.html).toContain('It calls itself <strong>Helper</strong>');
  const back = new URL((await allow(agent, page, ['acme/shop'])).url);
  expect(back.searchParams.get('iss')).toBe(usher.issuer);
  await first.finishAuth(back.searchParams.get('code') ?? '');

  const client = await connect(transport());
  const { content } = await client.callTool({ name: 'who' });
  expect(content).toEqual([{ type: 'text', text: clientMetadataUrl }]);
  await client.close();
  const rows = await introspectAs(usher, asker, tokens?.access_token ?? '');
  expect(rows).toMatchObject({ client_id: clientMetadataUrl, aud: address });
});
