/** Usher with organizations made by the use cases, and callers of its management API of each kind. */

import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { routes } from '../../src/api/management/routes.ts';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import {
  type ServicePower,
  scopeWithPowers,
  servicePowerNames,
} from '../../src/clients/service-clients.ts';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret, secretPrefixes, sha256 } from '../../src/lib/secrets.ts';
import { printInvitationId } from '../../src/organizations/invitations.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { insertServiceToken } from '../../src/storage/tokens/service-tokens.ts';
import { challengeOf, emailOf, type Ids, makeService } from '../organizations/world.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import type { Node } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { inSeconds, type Picked, worldIn } from '../support/world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
  readonly body: any;
}

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who calls; `send('GET /user')`. */
export interface Caller {
  /** What each of their requests comes with. */
  readonly headers: Readonly<Record<string, string>>;
  send(request: string, sent?: Sent): Promise<Answer>;
}

/** Usher's management API, wherever it runs. */
export interface Api extends Node {
  readonly db: Database;
  /** A person in their browser, on a page of ours. */
  inBrowser(accountId: string): Promise<Caller>;
  /** An application with a token; without picks it reaches the account and the whole organization. */
  byToken(accountId: string, organizationId: string, scope?: string): Promise<Caller>;
  /** An application with a token for what was picked, and nothing else. */
  byTokenFor(accountId: string, picks: readonly [Picked, string][]): Promise<Caller>;
  /** The token behind `byTokenFor`. */
  tokenFor(accountId: string, picks: readonly [Picked, string][]): Promise<string>;
  /** A token of a new service client. */
  serviceToken(powers?: readonly ServicePower[]): Promise<string>;
  /** With all powers, unless some are named. */
  byService(powers?: readonly ServicePower[]): Promise<Caller>;
  readonly nobody: Caller;
  withHeaders(headers: Readonly<Record<string, string>>): Caller;
}

const password = 'a long password for tests';
const setPasswords = statement(
  'update accounts set password_hash = $1 where password_hash is null',
);
const allScopes = scopeNames.join(' ');

export type ApiServer = Api & TestServer;

/** Starts a server of its own. */
export async function startApi(
  environment: Readonly<Record<string, string>> = {},
): Promise<ApiServer> {
  const server = await startTestServer(environment);
  return { ...server, ...(await apiOf(server)) };
}

/** @returns the API of a server that runs. */
export async function apiOf(server: Node): Promise<Api> {
  const { db } = server.database;
  const hash = await hashPassword(password);
  const world = worldIn(db);
  const withHeaders = (own: Readonly<Record<string, string>>): Caller => ({
    headers: own,
    send: (request, sent = {}) => send(server, request, sent, own),
  });
  const tokenFor: Api['tokenFor'] = async (accountId, picks) => {
    const client = await world.client({
      auth_method: 'none',
      redirect_uris: ['https://app.test/callback'],
      grant_types: ['authorization_code'],
      scope: allScopes,
    });
    const consent = await world.consent({ id: accountId, email: '' }, client);
    for (const [picked, scope] of picks) await world.entry(consent, picked, scope);
    const grant = await world.grant(consent);
    const token = await world.token(grant, { scope: allScopes, expires_at: inSeconds(3600) });
    recordSecret('token', token);
    return token;
  };
  const byTokenFor: Api['byTokenFor'] = async (...about) =>
    withHeaders({ authorization: `Bearer ${await tokenFor(...about)}` });
  const serviceToken = async (powers: readonly ServicePower[] = servicePowerNames) => {
    const { clientId } = (await makeService(db, scopeWithPowers(powers))).via;
    const token = randomSecret(secretPrefixes.serviceToken);
    const id = sha256(token);
    const scope = 'platform:sync';
    await insertServiceToken(db, { id, clientId, scope, payload: {}, lifetimeSeconds: 600 });
    recordSecret('token', token);
    return token;
  };
  return {
    issuer: server.issuer,
    database: server.database,
    db,
    withHeaders,
    tokenFor,
    byTokenFor,
    nobody: withHeaders({}),
    async inBrowser(accountId) {
      await db.query(setPasswords, [hash]);
      const agent = createUserAgent(server.issuer);
      const filled = await signInBy(agent, emailOf(accountId), password);
      if (filled.url.includes('/sign-in')) throw new Error(`not signed in: ${filled.html}`);
      const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
      return withHeaders({ cookie, 'x-usher-request': '1' });
    },
    byToken: (accountId, organizationId, scope = allScopes) =>
      byTokenFor(accountId, [
        [undefined, scope],
        [{ id: organizationId, slug: '' }, scope],
      ]),
    serviceToken,
    byService: async (powers) =>
      withHeaders({ authorization: `Bearer ${await serviceToken(powers)}` }),
  };
}

async function send(
  { issuer }: Node,
  request: string,
  { body, headers }: Sent,
  own: Readonly<Record<string, string>>,
): Promise<Answer> {
  const [method = '', path = ''] = request.split(' ');
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${issuer}/api/v1${path}`, {
    method,
    headers: { ...own, ...type, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const read = isJson && text !== '' && !text.includes('\n') ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body: read };
}

/** The ids of a world as they stand in addresses. */
export function printed(ids: Ids): Record<string, string> {
  return {
    organization: printId('organization', ids.organizationId),
    database: printId('database', ids.databaseId),
    branch: printId('branch', ids.branchId),
    team: printId('team', ids.teamId),
    member: printId('user', ids.accountId),
    invitation: printInvitationId(ids.invitationId),
    application: 'an-application',
    resource_server: ids.resourceServerId,
    owned_application: ids.ownedApplicationId,
    client_secret: ids.ownedSecretId,
    personal_application: ids.personalApplicationId,
    personal_secret: ids.personalSecretId,
    adoptable: ids.adoptableId,
    secret: ids.secretId,
    challenge: challengeOf(ids.organizationId),
    external_organization: `platform-${ids.organizationId}`,
    external_database: `platform-${ids.databaseId}`,
    external_branch: `platform-${ids.branchId}`,
    who: printId('user', ids.accountId),
  };
}

/** The request of a route, with these ids in its address. */
export function requestOf(routeId: string, at: Readonly<Record<string, string>>): string {
  const route = routes.find(({ id }) => id === routeId);
  if (route === undefined) throw new Error(`no route ${routeId}`);
  return route.address.replaceAll(/\{(\w+)\}/g, (_, name: string) => at[name] ?? 'nothing');
}
