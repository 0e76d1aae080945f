/** The pages of consent at a small server, and a browser without JavaScript that answers them. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import type { AuthorizationRequest, Interactions } from '../../src/provider/interactions.ts';
import { findSignedInAccount } from '../../src/storage/people/accounts.ts';
import { appAccessRoutes } from '../../src/web/account/app-access-page.ts';
import { applicationsRoutes } from '../../src/web/account/applications-page.ts';
import { consentRoutes } from '../../src/web/consent/consent-page.ts';
import { createFormTokens } from '../../src/web/page/form-token.ts';
import type { PageParts } from '../../src/web/page/page-parts.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../support/user-agent.ts';
import { type SmallServer, startSmallServer } from '../web/small-server.ts';
import { plantTree, run, type Tree } from './tree.ts';

/** What no page may take for markup. */
export const evil = '<img src=x onerror=alert(1)>"\'&';
/** What is asked, unless a test asks for something else. */
export const scope =
  'openid user:read_user organization:read_databases database:read_branches database:write_members branch:write_branch';

/** Of this file. */
export let database: TestDatabase;
/** Serves the pages of consent and of the applications. */
export let server: SmallServer;
/** Of this test. */
export let tree: Tree;
/** The request that waits, as the store has it. */
export let request: AuthorizationRequest;
/** What the request came to. */
export let ended: string[];
/** A new one for each test. */
export let browser: UserAgent;

/** The request of `request`; what it came to is in `ended`. */
const interactions: Interactions = {
  read: async (ctx) => (ctx.path.split('/')[2] === request.uid ? request : undefined),
  signedIn: async () => '/',
  answered: async () => undefined,
  named: () => interactions,
  selected: async () => '/resumed?selected',
  restarted: async () => '/resumed?restarted',
  consented: async () => true,
  resumeAt: () => goOn('consented'),
  refused: async (_ctx, description) => goOn(`refused: ${description}`),
};

/** Makes the session of an account, once. @returns its uid. */
async function sessionOf(accountId: string): Promise<string> {
  const uid = `session-${accountId}`;
  await run(
    database.db,
    `insert into sessions (id, uid, account_id, payload, expires_at)
     values (sha256($1::bytea), $2, $3, '{}', now() + interval '1 hour') on conflict do nothing`,
    uid,
    uid,
    accountId,
  );
  return uid;
}

function goOn(what: string): string {
  ended.push(what);
  return 'https://app.test/callback';
}

/** Gives the file a server, and each of its tests a tree, a request and a browser of its own. */
export function useConsentSite(): void {
  beforeAll(async () => {
    database = await openTestDatabase();
    server = await startSmallServer(({ app, issuer, renderPage, messagesOf }) => {
      const session = async () => {
        const accountId = request.accountId ?? '';
        const uid = await sessionOf(accountId);
        const found = await findSignedInAccount(database.db, accountId);
        const by = { authenticatedAt: new Date(), acr: undefined, amr: [] };
        return found && { ...found, ...by, accountId, uid };
      };
      const parts: PageParts = {
        issuer,
        db: database.db,
        renderPage,
        messagesOf,
        formTokens: createFormTokens({ key: randomBytes(32), issuer }),
        sessions: { current: session, signIn: async () => true, signOut: async () => {} },
        originOf: () => ({ address: '192.0.2.7', userAgent: undefined }),
      };
      app.use(consentRoutes({ ...parts, interactions, stepUpSeconds: 600 }).routes());
      app.use(applicationsRoutes(parts).routes());
      app.use(appAccessRoutes({ ...parts, key: randomBytes(32), stepUpSeconds: 600 }).routes());
    });
  });
  afterAll(() => server.close().then(() => database.close()));

  beforeEach(async () => {
    tree = await plantTree(database.db);
    request = {
      uid: `uid-${tree.app}`,
      prompt: 'consent',
      clientId: tree.app,
      scope,
      redirectUri: 'https://app.test/cb',
      accountId: tree.member,
      loginHint: undefined,
      isReview: false,
      isFreshSignInAsked: false,
    };
    ended = [];
    browser = createUserAgent(server.issuer);
  });
}

/** Changes the request that waits. */
export function askFor(change: Partial<AuthorizationRequest>): void {
  request = { ...request, ...change };
}

/** The consent page of the request. */
export const open = () => browser.get(`/interaction/${request.uid}/consent`);
/** Picks resources, and ticks scopes for all of them. */
export const choose =
  (ids: readonly string[], scopes: readonly string[] = []) =>
  (fields: Fields): Fields => [
    ...fields,
    ...ids.map((id): [string, string] => ['pick', id]),
    ...scopes.map((scope): [string, string] => ['scope', scope]),
  ];
/** The fields with the button that is pressed. */
export const press = (fields: Fields, action: string) => fill(fields, 'action', action);
/** Presses a button of a page, after `change` has filled it in. */
export const send = (page: Page, action: string, change = (fields: Fields) => fields) =>
  browser.submit(page, (fields) => press(change(fields), action));
/** What most tests ask for. */
export const read = 'database:read_branches';
/** Picks resources, ticks scopes, and presses Allow. */
export const allow = (page: Page, ids: readonly string[], scopes: readonly string[] = [read]) =>
  send(page, 'allow', choose(ids, scopes));

/** Databases of the tree, as they stand in forms. */
export const shop = () => printId('database', tree.shop);
export const analytics = () => printId('database', tree.analytics);

/** What is stored for the application: where, and which scope. */
export async function entries(): Promise<string[]> {
  const text = `select coalesce(d.slug, e.level) as slug, e.scope
                  from consents c join consent_entries e on e.consent_id = c.id
                  left join databases d on d.id = e.database_id
                 where c.client_id = $1 order by 1`;
  const rows = await run<{ slug: string; scope: string }>(database.db, text, tree.app);
  return rows.map((row) => `${row.slug} ${row.scope}`);
}

/** The tag of an input, by its id. */
export function input(html: string, id: string): string {
  return new RegExp(`<input [^>]*\\bid="${id}"[^>]*>`).exec(html)?.[0] ?? '';
}

/** What the boxes of a page are ticked for. */
export function ticked(html: string): string[] {
  const boxes = html.matchAll(/<input type="checkbox"[^>]*\bid="([^"]+)"[^>]* checked/g);
  return Array.from(boxes, ([, id = '']) => id);
}

/** What is listed first of what can be picked. */
export function firstFound(html: string): string | undefined {
  const [, results = ''] = html.split('data-words');
  return /<input type="checkbox"[^>]*\bid="([^"]+)"/.exec(results)?.[1];
}
