/**
 * The official MCP client, unmodified, against the example MCP server: from its address alone to its
 * tools, refused one when the user's role is taken away, and stepping up for another.
 */

import { once } from 'node:events';
import type { Server } from 'node:http';
import {
  type OAuthClientProvider,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createResourceServer,
  type ResourceServer,
} from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn } from '../operator/operators.ts';
import { createMcpServer } from '../resource-server/example/mcp-server.ts';
import { type DocumentHost, startDocumentHost } from '../support/document-host.ts';
import { freePort } from '../support/free-port.ts';
import { recordAnswer } from '../support/issued-secrets.ts';
import {
  allow,
  consentTo,
  demoApi,
  demoCli,
  introspectAs,
  obtainTokens,
  signInFor,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const developer = 'developer@vault.test';
const audit = 'organizations/vault/databases/ledger/branches/audit';
let documents: DocumentHost;
let usher: TestServer;
let guard: ResourceServer;
let listening: Server;
let address: URL;

beforeAll(async () => {
  documents = await startDocumentHost();
  usher = await startTestServer({ CLIENT_DOCUMENTS_ON_LOOPBACK: 'on' });
  const port = await freePort();
  address = new URL(`http://localhost:${port}/mcp`);
  const run = commandsOn(usher.database.db, usher.issuer);
  const scope = 'database:read_branches database:write_branches database:delete_branches';
  const words = ['--audience', address.href, '--scope', scope];
  const made = await run('resource-server', 'add', 'Branch notes', ...words);
  guard = createResourceServer({
    issuer: usher.issuer,
    clientId: String(made['client_id']),
    clientSecret: String(made['client_secret']),
    url: address.href,
  });
  listening = createMcpServer(guard).listen(port, 'localhost');
  await once(listening, 'listening');
});
afterAll(async () => {
  guard.close();
  listening.closeAllConnections();
  listening.close();
  await usher.close();
  await documents.close();
});

const redirectUrl = 'http://127.0.0.1:51236/callback';

/** By what a host is known before it comes; by nothing, it registers itself. */
interface Known {
  readonly registered?: OAuthClientInformationMixed;
  /** The address of its metadata document. */
  readonly document?: string;
}

/** An agent host: what it keeps; the SDK does the rest. The person picks `ledger`, and allows. */
function host(known: Known = {}, server = address) {
  const agent = createUserAgent(usher.issuer);
  const kept: { client?: OAuthClientInformationMixed; tokens?: OAuthTokens; verifier?: string } =
    {};
  if (known.registered !== undefined) kept.client = known.registered;
  const asked: URL[] = [];
  let callback: URL | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl,
    ...(known.document !== undefined && { clientMetadataUrl: known.document }),
    clientMetadata: {
      client_name: 'Helper',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => kept.client,
    saveClientInformation: (information) => {
      kept.client = information;
    },
    tokens: () => kept.tokens,
    saveTokens: ({ refresh_token: _, ...tokens }) => {
      recordAnswer(tokens);
      kept.tokens = tokens;
    },
    saveCodeVerifier: (verifier) => {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier ?? '',
    redirectToAuthorization: async (url) => {
      asked.push(url);
      const page = await signInFor(agent, url.href, developer);
      callback = new URL((await allow(agent, page, ['vault/ledger'])).url);
    },
  };
  /** Connects, and does it; where the SDK sends the person away, once more when they are back. */
  async function use<T>(act: (client: Client) => Promise<T>, tries = 2): Promise<T> {
    const transport = new StreamableHTTPClientTransport(server, { authProvider: provider });
    const client = new Client({ name: 'helper', version: '1.0.0' });
    try {
      await client.connect(transport as Parameters<typeof client.connect>[0]);
      return await act(client);
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || tries === 1) throw error;
      await transport.finishAuth(callback?.searchParams.get('code') ?? `no code: ${callback}`);
      return use(act, tries - 1);
    } finally {
      await client.close();
    }
  }
  return {
    kept,
    asked,
    tools: () => use(async (client) => (await client.listTools()).tools.map(({ name }) => name)),
    call: (name: string, args: Record<string, string> = {}) =>
      use(async (client) => {
        const result = await client.callTool({ name, arguments: { branch: audit, ...args } });
        const [first] = result.content as { text: string }[];
        return { isError: result.isError === true, text: first?.text ?? '', meta: result._meta };
      }),
  };
}

const setRole = async (role: string): Promise<void> => {
  await usher.database.db.query(
    statement(`update database_roles set role = $1
      where account_id = (select id from accounts where email = $2)`),
    [role, developer],
  );
};

const published = () => documents.publish('/helper.json', { redirect_uris: [redirectUrl] });

describe.each<[way: string, known: () => Known]>([
  ['by registration', () => ({})],
  ['by pre-registration', () => ({ registered: { client_id: demoCli.id } })],
  ['by its document', () => ({ document: published() })],
])('%s', (_way, known) => {
  test('from the address alone to its tools, step-up, and a role that is taken away', async () => {
    const { document, ...others } = known();
    const agent = host(document === undefined ? others : { document });
    expect(await agent.tools()).toEqual(['read_note']);
    if (document !== undefined) {
      expect(agent.asked[0]?.searchParams.get('client_id')).toBe(document);
    }
    expect(agent.asked[0]?.searchParams.get('resource')).toBe(address.href);
    expect(agent.asked[0]?.searchParams.get('scope')).toBe('database:read_branches');
    expect(await agent.call('read_note')).toMatchObject({ isError: false });

    const before = agent.kept.tokens?.access_token ?? '';
    const text = `written ${_way}`;
    expect(await agent.call('write_note', { text })).toMatchObject({ text: 'Written.' });
    expect(agent.asked).toHaveLength(2);
    expect(agent.asked[1]?.searchParams.get('scope')?.split(' ').toSorted()).toEqual([
      'database:read_branches',
      'database:write_branches',
    ]);
    expect(agent.kept.tokens?.access_token).not.toBe(before);
    expect(await agent.call('read_note')).toMatchObject({ text });
    expect(await agent.tools()).toEqual(['read_note', 'write_note']);

    const token = agent.kept.tokens?.access_token ?? '';
    onTestFinished(() => setRole('database_developer'));
    await setRole('database_reader');
    expect(await agent.call('write_note', { text: 'x' })).toEqual({
      isError: true,
      text: `Your role on ${audit} does not allow this. It takes one of the roles database_developer, database_admin, organization_admin, which an administrator of the organization can give you.`,
      meta: {
        'usher/refusal': {
          reason: 'role_insufficient',
          roles: ['database_developer', 'database_admin', 'organization_admin'],
        },
      },
    });
    expect(await agent.tools()).toEqual(['read_note']);
    expect(await agent.call('read_note')).toMatchObject({ isError: false, text });
    await setRole('database_developer');
    expect(await agent.tools()).toEqual(['read_note', 'write_note']);
    expect(agent.kept.tokens?.access_token).toBe(token);
    expect(agent.asked).toHaveLength(2);
    expect(await introspectAs(usher, demoApi, token)).toEqual({ active: false });
  });
});

test('a list of tools uses nothing, a call what the tool needs', async () => {
  const used = async () => {
    await usher.uses.flush();
    const sql = 'delete from application_scope_uses returning scope';
    const rows = await usher.database.db.query<{ scope: string }>(statement(sql));
    return rows.map(({ scope }) => scope);
  };
  const agent = host();
  await agent.tools();
  await used();
  await agent.tools();
  expect(await used()).toEqual([]);
  await agent.call('read_note');
  expect(await used()).toEqual(['database:read_branches']);
});

test('what no consent can give is told, and nobody is sent to ask for it', async () => {
  const agent = host();
  await agent.tools();
  const nowhere = await agent.call('read_note', { branch: 'organizations/acme/databases/no' });
  expect(nowhere).toMatchObject({
    isError: true,
    text: expect.stringContaining('There is no branch'),
  });
  expect(await agent.call('read_note', { branch: '' })).toMatchObject({
    isError: true,
    text: 'Name the branch that this is about.',
  });
  expect(agent.asked).toHaveLength(1);
});

test('without a token for this server a client learns where to ask, and for what', async () => {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const send = (headers = {}) =>
    fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const metadata = `http://localhost:${address.port}/.well-known/oauth-protected-resource/mcp`;
  const { status, headers } = await send();
  expect([status, headers.get('www-authenticate')]).toEqual([
    401,
    `Bearer realm="${address.href}", scope="database:read_branches", resource_metadata="${metadata}"`,
  ]);
  expect(await (await fetch(metadata)).json()).toMatchObject({
    resource: address.href,
    authorization_servers: [usher.issuer],
    scopes_supported: ['database:read_branches'],
  });
  const scope = 'database:read_branches';
  await consentTo(usher, demoCli, developer, scope, ['vault/ledger']);
  const forNobody = await obtainTokens(usher, demoCli, developer, scope);
  expect(await introspectAs(usher, demoApi, forNobody.access_token)).toMatchObject({
    active: true,
  });
  for (const token of ['usher_at_never', forNobody.access_token]) {
    const refused = await send({ authorization: `Bearer ${token}` });
    const challenge = refused.headers.get('www-authenticate');
    expect([refused.status, challenge]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(challenge).toContain(`scope="${scope}", resource_metadata="${metadata}"`);
  }
});

test('of several calls that travel together none runs where one is refused', async () => {
  const agent = host();
  await agent.tools();
  const call = (id: number, branch: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'read_note', arguments: { branch } },
  });
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${agent.kept.tokens?.access_token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify([call(1, audit), call(2, 'organizations/acme/databases/no')]),
  });
  const results = (await response.json()) as { id: number; result: { isError: boolean } }[];
  expect(results.map(({ id, result }) => [id, result.isError])).toEqual([
    [1, true],
    [2, true],
  ]);
});

test.each<[what: string, type: string, ids: readonly [number, number]]>([
  ['a type that only looks like JSON', 'text/plain; as=application/json', [1, 2]],
  ['two calls with one id', 'application/json', [1, 1]],
])('%s reaches no tool', async (_what, type, [one, other]) => {
  const agent = host();
  await agent.tools();
  const call = (id: number, name: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: { branch: audit, text: 'x' } },
  });
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${agent.kept.tokens?.access_token}`,
      'content-type': type,
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify([call(one, 'read_note'), call(other, 'read_note')]),
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    expect.objectContaining({ error: 'invalid_request' }),
  ]);
});

describe('one server for each place', () => {
  let places: ResourceServer;
  let stop: () => void;
  let at: (path: string) => URL;
  beforeAll(async () => {
    const port = await freePort();
    const url = `http://localhost:${port}/{organization}/{database}`;
    const made = await commandsOn(
      usher.database.db,
      usher.issuer,
    )(...['resource-server', 'add', 'Notes of a database', '--audience', url]);
    places = createResourceServer({
      issuer: usher.issuer,
      clientId: String(made['client_id']),
      clientSecret: String(made['client_secret']),
      url,
    });
    const server = createMcpServer(places, '/:organization/:database').listen(port, 'localhost');
    await once(server, 'listening');
    at = (path) => new URL(`http://localhost:${port}/${path}`);
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => {
    places.close();
    stop();
  });

  test('the host is led to consent for that place, and its token works there alone', async () => {
    const here = at('vault/ledger');
    const agent = host({ document: published() }, here);
    expect(await agent.tools()).toEqual(['read_note']);
    expect(agent.asked[0]?.searchParams.get('resource')).toBe(here.href);
    expect(await agent.call('read_note')).toMatchObject({ isError: false });
    const elsewhere = { branch: 'organizations/vault/databases/secrets/branches/main' };
    expect(await agent.call('read_note', elsewhere)).toMatchObject({ isError: true });

    const send = (to: URL) =>
      fetch(to, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${agent.kept.tokens?.access_token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
    expect((await send(here)).status).toBe(200);
    const { status, headers } = await send(at('vault/secrets'));
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining(
        `resource_metadata="${at('.well-known/oauth-protected-resource/vault/secrets').href}"`,
      ),
    ]);
  });
});
