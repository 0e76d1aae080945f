/** A client that does the ordinary code flow with PKCE, request by request, as a test wants it. */

import { createHash, randomBytes } from 'node:crypto';
import type { Level } from '../../src/catalogue/scope-rule.ts';
import { intersect, parseScopeSet, scopesAtLevel } from '../../src/catalogue/scope-set.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { recordAnswer, recordSecret } from './issued-secrets.ts';
import type { TestServer } from './server.ts';
import { enterPassword } from './sign-in.ts';
import { createUserAgent, type Fields, fill, type Page, type UserAgent } from './user-agent.ts';

/** How a client of the demo data proves itself, and where its users come back. */
export interface TestClient {
  readonly id: string;
  readonly secret: string | undefined;
  readonly redirectUri: string;
}

export const demoApp: TestClient = {
  id: 'demo-app',
  secret: 'demo-app-secret',
  redirectUri: 'http://localhost:8765/callback',
};
export const tinyApp: TestClient = {
  id: 'tiny-app',
  secret: 'tiny-app-secret',
  redirectUri: 'http://localhost:8766/callback',
};
export const demoCli: TestClient = {
  id: 'demo-cli',
  secret: undefined,
  redirectUri: 'http://127.0.0.1:45678/callback',
};

/** A node of Usher, and the database behind it. */
export type Node = Pick<TestServer, 'issuer' | 'database'>;

/** What a token endpoint answered. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
  readonly body: any;
  readonly headers: Headers;
}

/** A request's parameters and the verifier of its challenge. */
export interface Request {
  readonly url: string;
  readonly verifier: string;
}

/** Adds, replaces or (undefined) leaves out parameters. */
export type RequestChange = Record<string, string | undefined>;

/** An authorization request. */
export function authorizationRequest(
  { issuer }: Pick<Node, 'issuer'>,
  client: TestClient,
  scope: string,
  change: RequestChange = {},
): Request {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope,
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  };
  const query = new URLSearchParams(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  return { url: `${issuer}/oauth/authorize?${query}`, verifier };
}

/** Opens an authorization request and signs in where asked; @returns the page that follows. */
export async function signInFor(agent: UserAgent, url: string, email: string): Promise<Page> {
  const page = await agent.get(url);
  if (!page.html.includes('type="password"')) return page;
  return enterPassword(agent, page, email);
}

/** The parameters with which the browser was sent back to the application. */
export function callbackOf(page: Page): URLSearchParams {
  return new URL(page.url).searchParams;
}

/** Consents without the page: on each path, to the asked scopes of that level. */
export async function consentTo(
  { database: { db } }: Node,
  client: TestClient,
  email: string,
  asked: string,
  paths: readonly string[],
): Promise<void> {
  const [account] = await db.query<{ id: string }>(
    statement('select id from accounts where email = $1'),
    [email],
  );
  const picks = await Promise.all(
    paths.map(async (path) => {
      const level = levelOf(path);
      return {
        level,
        id: level === 'user' ? (account?.id ?? '') : await idOf(db, path),
        scopes: intersect(parseScopeSet(asked), scopesAtLevel[level]),
        seenProduction: undefined,
        includesProduction: true,
      };
    }),
  );
  const submitted = { accountId: account?.id ?? '', clientId: client.id, asked, picks, shown: [] };
  await recordConsent(db, submitted);
}

/** `acme/shop/main` names a branch, `acme/shop` a database, `acme` an organization. */
export async function idOf(db: Node['database']['db'], path: string): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    statement(`
      select coalesce(b.id, d.id, o.id) as id from organizations o
      left join databases d on d.organization_id = o.id and d.slug = $2
      left join branches b on b.database_id = d.id and b.slug = $3
      where o.slug = $1`),
    [...path.split('/'), null, null].slice(0, 3),
  );
  if (row === undefined) throw new Error(`no ${path}`);
  return row.id;
}

function levelOf(path: string): Level {
  if (path === 'user') return 'user';
  return (['organization', 'database', 'branch'] as const)[path.split('/').length - 1] ?? 'user';
}

/** The whole flow up to the code, for a user whose consent covers the request. */
export async function obtainCode(
  server: Node,
  client: TestClient,
  email: string,
  scope: string,
  agent = createUserAgent(server.issuer),
  change: RequestChange = {},
): Promise<{ code: string; verifier: string }> {
  return obtainCodeFor(agent, authorizationRequest(server, client, scope, change), email);
}

/** Signs in, and allows what stands where the page is shown (a public client's always is). */
export async function obtainCodeFor(
  agent: UserAgent,
  { url, verifier }: Request,
  email: string,
): Promise<{ code: string; verifier: string }> {
  const page = await signInFor(agent, url, email);
  const callback = callbackOf(page.html.includes('data-consent') ? await allow(agent, page) : page);
  const code = callback.get('code');
  if (code === null) throw new Error(`no code: ${callback}`);
  return { code, verifier };
}

/**
 * Picks resources by their paths as the consent page shows them, production branches included, ticks
 * every permission that can be given, and presses "Allow". What is not on the page is looked for.
 */
export async function allow(
  agent: UserAgent,
  page: Page,
  paths: readonly string[] = [],
): Promise<Page> {
  let shown = page;
  for (const path of paths.filter((one) => idOnPage(page, one) === undefined)) {
    const here = picksOn(shown, paths);
    const search = (sent: Fields) => fill([...sent, ...here], 'search', path);
    shown = await agent.submit(shown, (sent) => fill(search(sent), 'action', 'search'), '/consent');
  }
  const missing = paths.find((path) => idOnPage(shown, path) === undefined);
  if (missing !== undefined) throw new Error(`no ${missing} on the page`);
  const fields = [...picksOn(shown, paths), ...openScopes(shown)];
  return agent.submit(shown, (sent) => [...fill(sent, 'action', 'allow'), ...fields], '/consent');
}

function picksOn(page: Page, paths: readonly string[]): Fields {
  return paths.flatMap((path): Fields => {
    const id = idOnPage(page, path);
    if (id === undefined) return [];
    return [
      ['pick', id],
      [`production:${id}`, 'yes'],
    ];
  });
}

/** The permissions that can be ticked for all that is picked. */
function openScopes({ html }: Page): Fields {
  const boxes = html.matchAll(/<input type="checkbox" name="scope" [^>]*value="([^"]+)"([^>]*)>/g);
  return Array.from(boxes)
    .filter(([, , rest = '']) => !rest.includes('disabled'))
    .map(([, value = '']) => ['scope', value]);
}

function idOnPage({ html }: Page, path: string): string | undefined {
  return new RegExp(`name="pick" id="([^"]+)"[^>]*data-path="${path}"`).exec(html)?.[1];
}

/** The whole flow up to the tokens. */
export async function obtainTokens(
  server: Node,
  client: TestClient,
  email: string,
  scope: string,
  agent?: UserAgent,
  change?: RequestChange,
): Promise<Answer['body']> {
  const { code, verifier } = await obtainCode(server, client, email, scope, agent, change);
  const answer = await redeem(server, client, code, verifier);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

export function redeem(
  server: Node,
  client: TestClient,
  code: string,
  verifier: string,
  change: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const fields = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: client.redirectUri,
    ...change,
  };
  return post(server, '/oauth/token', client, fields, headers);
}

export function refresh(
  server: Node,
  client: TestClient,
  token: string,
  change: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const fields = { grant_type: 'refresh_token', refresh_token: token, ...change };
  return post(server, '/oauth/token', client, fields, headers);
}

export const demoApi = { id: 'demo-api', secret: 'demo-api-secret', redirectUri: '' };
export const vaultApi = { id: 'vault-api', secret: 'vault-api-secret', redirectUri: '' };

/** Asks about a token as a resource server; answers the JSON. */
export async function introspectAs(
  server: Node,
  asker: TestClient,
  token: string,
  resource?: string,
): Promise<Answer['body']> {
  const fields = { token, ...(resource === undefined ? {} : { resource }) };
  return (await post(server, '/oauth/introspect', asker, fields)).body;
}

/** Sends a form with the client's authentication (HTTP Basic, or `client_id` alone). */
export async function post(
  { issuer }: Pick<Node, 'issuer'>,
  path: string,
  client: TestClient,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const credentials = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const isPublic = client.secret === undefined;
  const response = await fetch(`${issuer}${path}`, {
    method: 'POST',
    headers: { ...(isPublic ? {} : { authorization: `Basic ${credentials}` }), ...headers },
    body: new URLSearchParams(isPublic ? { client_id: client.id, ...fields } : fields),
  });
  if (client.secret !== undefined) recordSecret('client_secret', client.secret);
  return readAnswer(response);
}

/** Reads an answer that is JSON or empty. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === '' ? undefined : JSON.parse(text);
  recordAnswer(body);
  return { status: response.status, body, headers: response.headers };
}
