/** The consent page and the list of applications, as a browser without JavaScript meets them. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { readPreselection } from '../../src/consent/preselection.ts';
import { newId, printId } from '../../src/lib/ids.ts';
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
import { insert, plantTree, run, type Tree } from './tree.ts';

const evil = '<img src=x onerror=alert(1)>"\'&';
const scope =
  'openid user:read_user organization:read_databases database:read_branches database:write_members branch:write_branch';

let database: TestDatabase;
let server: SmallServer;
let tree: Tree;
/** The request that waits, as the store has it. */
let request: AuthorizationRequest;
let ended: string[];
let browser: UserAgent;

/** The request of `request`; what it came to is in `ended`. */
const interactions: Interactions = {
  read: async (ctx) => (ctx.path.split('/')[2] === request.uid ? request : undefined),
  signedIn: async () => '/',
  answered: async () => undefined,
  named: () => interactions,
  selected: async () => '/resumed?selected',
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
    app.use(consentRoutes({ ...parts, interactions }).routes());
    app.use(applicationsRoutes(parts).routes());
    app.use(appAccessRoutes(parts).routes());
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

const open = () => browser.get(`/interaction/${request.uid}/consent`);
/** Picks resources, and ticks scopes for all of them. */
const choose =
  (ids: readonly string[], scopes: readonly string[] = []) =>
  (fields: Fields): Fields => [
    ...fields,
    ...ids.map((id): [string, string] => ['pick', id]),
    ...scopes.map((scope): [string, string] => ['scope', scope]),
  ];
const press = (fields: Fields, action: string) => fill(fields, 'action', action);
const send = (page: Page, action: string, change = (fields: Fields) => fields) =>
  browser.submit(page, (fields) => press(change(fields), action));
const read = 'database:read_branches';
const allow = (page: Page, ids: readonly string[], scopes: readonly string[] = [read]) =>
  send(page, 'allow', choose(ids, scopes));

const shop = () => printId('database', tree.shop);
const analytics = () => printId('database', tree.analytics);

async function entries(): Promise<string[]> {
  const text = `select coalesce(d.slug, e.level) as slug, e.scope
                  from consents c join consent_entries e on e.consent_id = c.id
                  left join databases d on d.id = e.database_id
                 where c.client_id = $1 order by 1`;
  const rows = await run<{ slug: string; scope: string }>(database.db, text, tree.app);
  return rows.map((row) => `${row.slug} ${row.scope}`);
}

/** The tag of an input, by its id. */
function input(html: string, id: string): string {
  return new RegExp(`<input [^>]*\\bid="${id}"[^>]*>`).exec(html)?.[0] ?? '';
}

test('production branches are included where their box is ticked', async () => {
  request = { ...request, scope: read };
  const page = await open();
  expect(input(page.html, `${shop()}.production`)).not.toContain('checked');
  const both = choose([shop(), analytics()], [read]);
  await send(page, 'allow', (fields) => [...both(fields), [`production:${analytics()}`, 'yes']]);
  const rows = await run<{ slug: string; includes_production: boolean }>(
    database.db,
    `select d.slug, e.includes_production from consent_entries e
      join consents c on c.id = e.consent_id join databases d on d.id = e.database_id
      where c.client_id = $1 order by 1`,
    tree.app,
  );
  expect(rows).toEqual([
    { slug: 'analytics', includes_production: true },
    { slug: 'shop', includes_production: false },
  ]);
  request = { ...request, isReview: true };
  const again = await open();
  expect(input(again.html, `${analytics()}.production`)).toContain('checked');
  expect(input(again.html, `${shop()}.production`)).not.toContain('checked');
});

/** What the boxes of a page are ticked for. */
function ticked(html: string): string[] {
  const boxes = html.matchAll(/<input type="checkbox"[^>]*\bid="([^"]+)"[^>]* checked/g);
  return Array.from(boxes, ([, id = '']) => id);
}

/** What is listed first of what can be picked. */
function firstFound(html: string): string | undefined {
  const [, results = ''] = html.split('data-words');
  return /<input type="checkbox"[^>]*\bid="([^"]+)"/.exec(results)?.[1];
}

describe('the page', () => {
  test('says who asks, where it leads, and who is signed in', async () => {
    const { status, html } = await open();
    expect(status).toBe(200);
    expect(html).toContain('Reports asks for access');
    expect(html).toContain('By Vault');
    expect(html).toContain('You’ll be sent to <strong>app.test</strong>');
    expect(html).toMatch(/Signed in as <strong>member<\/strong>[\s\S]*Switch account/);
    expect(html).toContain('It also learns which account is yours.');
    expect(html).toContain('Unused, it ends after 30 days, and after 365 days at the latest');
    expect(html).not.toContain('Not verified');
  });

  test('marks an application that registered itself', async () => {
    request = { ...request, clientId: tree.wild };
    const { html } = await open();
    expect(html).toContain('Not verified');
    expect(html).toContain('Unknown publisher');
  });

  test('starts with nothing ticked beyond reading the profile, whatever is asked', async () => {
    request = { ...request, scope: `${scope} user:write_user user:read_organizations` };
    expect(ticked((await open()).html)).toEqual(['scope-user-read_user']);
    request = { ...request, scope: 'user:write_user database:write_members' };
    expect(ticked((await open()).html)).toEqual([]);
  });

  test('groups what is asked by what it does, the most dangerous first', async () => {
    request = {
      ...request,
      scope:
        'database:delete_database database:write_members branch:manage_passwords database:read_branches organization:read_branches branch:write_branch',
    };
    const { html } = await open();
    const headings = Array.from(html.matchAll(/scope-group-name">([^<]+)</g), ([, text]) => text);
    expect(headings).toEqual([
      'Open the data itself',
      'Delete',
      'Change who has access',
      'Change',
      'View',
    ]);
    // One line for what is said in the same words, with its names.
    expect(html).toContain('value="organization:read_branches database:read_branches"');
    expect(html).toContain('<code class="quiet">database:read_branches</code>');
  });

  test('closes what can be given nowhere, and says what it would take and whom to ask', async () => {
    const { html } = await open();
    expect(input(html, 'scope-database-write_members')).toContain('disabled');
    expect(html).toContain(
      'Needs the role Database Administrator on a database of Acme. Ask admin.',
    );
    expect(input(html, 'scope-database-read_branches')).not.toContain('disabled');
  });

  test('says beside a resource what cannot be given there', async () => {
    request = {
      ...request,
      scope: 'database:write_members database:read_branches',
      accountId: tree.dba,
    };
    const { html } = await open();
    expect(html).toContain('1 of 2 requested permissions available to you here');
    expect(html).toContain('Needs the role Database Administrator on acme-');
    expect(input(html, 'scope-database-write_members')).not.toContain('disabled');
  });

  test('opens branches where only a branch can take what is asked, production marked', async () => {
    request = { ...request, scope: 'branch:write_branch' };
    const { html } = await open();
    const main = printId('branch', tree.main);
    expect(input(html, main)).toContain('disabled');
    expect(input(html, printId('branch', tree.staging))).not.toContain('disabled');
    expect(html).toMatch(/\/shop\/main <span class="badge badge-production">production<\/span>/);
    expect(html).toMatch(/\/shop\/staging <span class="badge badge-muted">development<\/span>/);
    // What can be picked comes first.
    expect(html.indexOf(printId('branch', tree.staging))).toBeLessThan(html.indexOf(main));
  });

  test('closes the box for production where the role reaches none there', async () => {
    request = { ...request, scope: 'database:write_branches' };
    const { html } = await open();
    expect(input(html, `${shop()}.production`)).toContain('disabled');
    request = { ...request, accountId: tree.admin };
    expect(input((await open()).html, `${shop()}.production`)).not.toContain('disabled');
    request = { ...request, scope: 'database:write_members' };
    expect(input((await open()).html, `${shop()}.production`)).toBe('');
  });

  test('offers nothing to press but Cancel when nothing can be given', async () => {
    request = { ...request, scope: 'openid database:write_members' };
    const { html } = await open();
    expect(html).toContain('You don’t have the roles Reports needs.');
    expect(html).not.toContain('value="allow"');
    expect(html).toContain('value="cancel"');
    request = { ...request, accountId: tree.dba };
    expect((await open()).html).toContain('value="allow"');
    request = { ...request, accountId: tree.stranger, scope: 'openid' };
    expect((await open()).html).toContain('value="allow"');
    request = {
      ...request,
      accountId: tree.stranger,
      scope: 'user:read_user database:read_branches',
    };
    expect((await open()).html).toContain('You’re in no organization yet');
  });

  test('labels every box, each with an id of its own', async () => {
    const { html } = await open();
    const boxes = Array.from(
      html.matchAll(/<input type="checkbox"[^>]*\bid="([^"]+)"/g),
      ([, id]) => id,
    );
    const labels = Array.from(html.matchAll(/<label [^>]*\bfor="([^"]+)"/g), ([, id]) => id);
    expect(boxes.length).toBeGreaterThan(6);
    expect(html.match(/type="checkbox"/g)).toHaveLength(boxes.length);
    expect(labels.filter((id) => id !== 'search' && id !== 'ends')).toEqual(boxes);
    expect(new Set(boxes).size).toBe(boxes.length);
  });

  test('shows names as text, whatever they hold', async () => {
    await run(database.db, 'update clients set name = $2 where id = $1', tree.app, evil);
    await run(database.db, 'update organizations set name = $1', evil);
    await run(database.db, 'update accounts set name = $1', evil);
    await allow(await open(), [shop()]);
    for (const path of [`/interaction/${request.uid}/consent?`, '/account/applications']) {
      const { html } = await browser.get(path);
      expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(html).not.toContain('<img src=x');
      expect(html).not.toContain('alert(1)>"');
    }
  });

  test('may be framed by nobody, runs no inline script, and leads to this server only', async () => {
    const { headers, html } = await open();
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("form-action 'self';");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/<script>|\son\w+="|\sstyle="/);
  });

  test('is compressed, with another token and of another length each time', async () => {
    const address = `${server.issuer}/interaction/${request.uid}/consent`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(address, { headers: { 'accept-encoding': 'gzip' } })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    const tokens = texts.map((text) => /name="token" value="([^"]+)"/.exec(text)?.[1]);
    expect(new Set(tokens).size).toBe(20);
    expect(new Set(texts.map(({ length }) => length)).size).toBeGreaterThan(2);
    for (const { headers } of answers) {
      expect(headers.get('content-encoding')).toBe('gzip');
      expect(headers.get('vary')).toContain('Accept-Encoding');
    }
    const plain = await fetch(address, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('is nobody’s whose request it is not', async () => {
    expect((await browser.get('/interaction/another/consent')).status).toBe(404);
  });

  test('is not shown to an account that was suspended meanwhile', async () => {
    await run(database.db, "update accounts set status = 'suspended' where id = $1", tree.member);
    expect((await open()).status).toBe(404);
  });
});

describe('what the application wishes', () => {
  const wish = (ids: readonly string[], more: object = {}) => {
    const elements = ids.map((identifier) => ({ type: 'usher', identifier, production: true }));
    const details = JSON.stringify(elements);
    return readPreselection({ scope: request.scope, authorization_details: details, ...more });
  };
  const ask = (ids: readonly string[], more?: object) => {
    request = { ...request, scope: read, preselection: wish(ids, more) };
  };

  test('is ticked for one that somebody answers for, without production, and Allow takes it', async () => {
    ask([shop()]);
    const page = await open();
    expect(ticked(page.html)).toEqual(
      expect.arrayContaining([shop(), 'scope-database-read_branches']),
    );
    expect(ticked(page.html)).toHaveLength(2);
    expect((await send(page, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('of a verified one ticks no production branch, but lists it first', async () => {
    const main = printId('branch', tree.main);
    request = { ...request, accountId: tree.dba, scope: 'branch:read_branch' };
    request = { ...request, preselection: wish([main]) };
    const { html } = await open();
    expect(ticked(html)).toEqual([]);
    expect(firstFound(html)).toBe(main);
  });

  test('only comes first for one that nobody verified', async () => {
    request = { ...request, clientId: tree.wild };
    for (const id of [shop(), analytics()]) {
      ask([id]);
      const { html } = await open();
      expect(ticked(html)).toEqual([]);
      expect(firstFound(html)).toBe(id);
      expect(html.split(`id="${id}"`)).toHaveLength(2);
    }
  });

  test('is nothing where the user cannot see it, as where there is none', async () => {
    const unreachable = printId('database', tree.ledger);
    request = { ...request, scope: read };
    const plain = (await open()).html;
    for (const id of [unreachable, unreachable.replace(/.$/, (c) => (c === '0' ? '1' : '0'))]) {
      ask([id]);
      const { html } = await open();
      expect(html).not.toContain(id);
      expect(ticked(html)).toEqual(ticked(plain));
      expect(firstFound(html)).toBe(firstFound(plain));
    }
  });

  test('is ticked beside what stands, which is left as it is', async () => {
    request = { ...request, scope: read };
    await allow(await open(), [shop()]);
    const more = 'database:read_backups';
    request = { ...request, scope: `${read} ${more}` };
    request = { ...request, preselection: wish([analytics()]) };
    const page = await open();
    expect(ticked(page.html)).toEqual(expect.arrayContaining([shop(), analytics()]));
    await send(page, 'allow');
    expect(await entries()).toEqual([`analytics ${more}`, `shop ${read}`]);
  });

  test('with one resource wished for, one is ticked and more are refused', async () => {
    ask([shop(), analytics()], { single_resource: 'true' });
    const page = await open();
    expect(ticked(page.html)).toContain(shop());
    expect(firstFound(page.html)).toBe(analytics());
    const refused = await allow(page, [analytics()]);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('This app works with one place. Choose one.');
    expect(ticked(refused.html)).toEqual(expect.arrayContaining([shop(), analytics()]));
    expect(await entries()).toEqual([]);
    await send(refused, 'allow', (fields) => fields.filter(([, value]) => value !== analytics()));
    expect(await entries()).toEqual([`shop ${read}`]);
  });
});

describe('Allow', () => {
  const write = 'branch:write_branch';

  test('stores on each picked resource what is ticked for its kind, and goes on', async () => {
    const found = await send(await open(), 'search', (fields) => fill(fields, 'search', 'staging'));
    const page = await allow(found, [shop(), printId('branch', tree.staging)], [read, write]);
    expect(page.url).toBe('https://app.test/callback');
    expect(page.status).toBe(303);
    expect(ended).toEqual(['consented']);
    expect(await entries()).toEqual([`shop ${read}`, `shop ${write}`, 'user user:read_user']);
  });

  test('stores what a resource has of its own', async () => {
    request = { ...request, scope: `${read} database:delete_branches` };
    const both = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    const own = await send(both, `own ${shop()}`);
    expect(input(own.html, `${shop()}.${read}`)).toContain('checked');
    const changed = (fields: Fields): Fields => [
      ...fields.filter(([name]) => name !== `scope:${shop()}`),
      [`scope:${shop()}`, 'database:delete_branches'],
    ];
    await send(own, 'allow', changed);
    expect(await entries()).toEqual([`analytics ${read}`, 'shop database:delete_branches']);
    request = { ...request, isReview: true };
    const again = await open();
    expect(ticked(again.html)).toContain(`${shop()}.database:delete_branches`);
    const common = await send(again, `own ${shop()}`);
    expect(common.html).not.toContain(`name="own:${shop()}"`);
  });

  test('gives no more than the page offered, though the role gives more meanwhile', async () => {
    request = { ...request, scope: `${read} database:write_members`, accountId: tree.dba };
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await insert(database.db, 'database_roles', {
      database_id: tree.analytics,
      account_id: tree.dba,
      organization_id: tree.acme,
      role: 'database_admin',
    });
    await send(page, 'allow', choose([], ['database:write_members']));
    expect(await entries()).toEqual([`analytics ${read}`, `shop database:write_members ${read}`]);
  });

  test('asked again the page shows the present choice, and removes what is unpicked', async () => {
    await allow(await open(), [shop(), analytics()]);
    request = { ...request, isReview: true };
    const again = await open();
    expect(again.html).toContain('What you turn off here ends at once');
    expect(input(again.html, shop())).toContain('checked');
    await send(again, 'allow', (fields) =>
      fields.filter(([, value]) => value !== shop() || false).concat([['shown', shop()]]),
    );
    expect(await entries()).toEqual([`analytics ${read}`, 'user user:read_user']);
  });

  test('asked for more, the page shows what is new, and the rest stays as it is', async () => {
    request = { ...request, scope: read };
    await allow(await open(), [shop()]);
    const more = 'database:read_backups';
    request = { ...request, scope: `${read} ${more}` };
    const page = await open();
    expect(page.html).toContain('Reports asks for more access');
    expect(page.html).toContain('already has access to 1 resource.');
    expect(page.html).not.toContain(`value="${read}"`);
    expect(input(page.html, shop())).toContain('checked');
    expect(ticked(page.html)).toEqual([shop()]);
    await allow(page, [analytics()], [more]);
    expect(await entries()).toEqual([`analytics ${more}`, `shop ${read}`, `shop ${more}`]);
  });

  test('leaves out what is new, and keeps what stands', async () => {
    request = { ...request, scope: read };
    await allow(await open(), [shop()]);
    request = { ...request, scope: `${read} database:read_backups` };
    expect((await send(await open(), 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('with nothing chosen asks again, and stores nothing', async () => {
    const page = await send(await open(), 'allow', (fields) =>
      fields.filter(([name]) => name !== 'scope'),
    );
    expect(page.status).toBe(422);
    expect(page.html).toMatch(
      /id="refused" tabindex="-1" autofocus><p>Nothing would be allowed yet/,
    );
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test.each<[string, (fields: Fields) => Fields, number]>([
    [
      'a foreign database',
      (fields) => choose([printId('database', tree.ledger)], [read])(fields),
      403,
    ],
    ['an id of nothing', choose(['db_1']), 403],
    [
      'a scope of its own that is closed',
      (fields) => [...choose([shop()])(fields), [`scope:${shop()}`, 'database:write_members']],
      403,
    ],
    [
      'a scope of its own that is not asked',
      (fields) => [...choose([shop()])(fields), [`scope:${shop()}`, 'database:read_backups']],
      403,
    ],
    [
      'a scope that is not asked',
      (fields) => choose([shop()], ['database:read_backups'])(fields),
      403,
    ],
    ['a scope of no catalogue', (fields) => choose([shop()], ['everything'])(fields), 403],
    [
      'another token',
      (fields) => fill(choose([shop()], [read])(fields), 'token', 'x'.repeat(43)),
      403,
    ],
  ])('refuses %s', async (_what, change, status) => {
    const page = await send(await open(), 'allow', change);
    expect(page.status).toBe(status);
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test('takes nothing of the request from the form', async () => {
    request = { ...request, scope: read };
    await send(await open(), 'allow', (fields) => [
      ...choose([shop()], [read])(fields),
      ['client_id', tree.wild],
      ['asked', 'database:read_backups'],
    ]);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('promoted while the page was open: 409, and it says so at the branch', async () => {
    request = { ...request, scope: write };
    const staging = printId('branch', tree.staging);
    const page = await open();
    await run(database.db, 'update branches set production = true where id = $1', tree.staging);
    const again = await allow(page, [staging], [write]);
    expect(again.status).toBe(409);
    expect(again.html).toContain(
      'A branch you chose has changed between production and development',
    );
    expect(again.html).toMatch(
      new RegExp(`id="error-${staging}">This is now a production branch.`),
    );
  });

  test('a role that was lost meanwhile: the error is at the resource, and the choice is kept', async () => {
    request = { ...request, scope: `${read} database:write_members`, accountId: tree.dba };
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const again = await send(page, 'allow', choose([], ['database:write_members']));
    expect(again.status).toBe(403);
    expect(again.html).toContain(`id="error-${shop()}"`);
    expect(input(again.html, shop())).toMatch(/checked autofocus aria-invalid="true"/);
    expect(input(again.html, analytics())).toContain('checked');
    expect(ticked(again.html)).toContain('scope-database-read_branches');
    expect((await send(again, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`analytics ${read}`, `shop ${read}`]);
  });

  test('a resource that was deleted meanwhile is named as gone, and the rest is kept', async () => {
    request = { ...request, scope: read };
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await run(database.db, 'delete from databases where id = $1', tree.analytics);
    const again = await send(page, 'allow');
    expect(again.status).toBe(403);
    expect(again.html).toMatch(/autofocus><p>One thing you chose is gone/);
    expect(again.html).not.toContain(analytics());
    expect((await send(again, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('a form of another account’s page is refused', async () => {
    const page = await open();
    request = { ...request, accountId: tree.dba };
    expect((await allow(page, [shop()])).status).toBe(403);
  });
});

test('Cancel tells the application, and stores nothing', async () => {
  await send(await open(), 'cancel', choose([shop()], [read]));
  expect(ended).toEqual(['refused: The user did not allow it.']);
  expect(await entries()).toEqual([]);
});

test('"Only look" and "Everything requested" tick what can be given, without a script', async () => {
  request = { ...request, scope: `${scope} database:delete_branches user:write_user` };
  const picked = await send(await open(), 'look', choose([shop()]));
  expect(ticked(picked.html)).toEqual([
    shop(),
    'scope-user-read_user',
    'scope-organization-read_databases',
    'scope-database-read_branches',
  ]);
  const all = ticked((await send(picked, 'all')).html);
  expect(all).toContain('scope-database-delete_branches');
  expect(all).toContain('scope-user-write_user');
  expect(all).not.toContain('scope-database-write_members');
  expect(await entries()).toEqual([]);
});

describe('a search', () => {
  const look = (page: Page, text: string, ids: readonly string[] = []) =>
    send(page, 'search', (fields) => fill(choose(ids)(fields), 'search', text));

  beforeEach(() => {
    request = { ...request, scope: 'database:read_branches database:delete_branches' };
    return run(
      database.db,
      `insert into databases (id, organization_id, slug)
       select gen_random_uuid(), $1, 'zz-' || n from generate_series(1, 60) n`,
      tree.acme,
    );
  });

  test('keeps what is picked, first, and finds ten at a time', async () => {
    const first = await open();
    expect(first.html).toContain('62 databases');
    expect(first.html).toContain('Showing 1–10.');
    const found = await look(first, 'ZZ acme', [shop()]);
    expect(found.html).toContain('60 matches for “ZZ acme”.');
    expect(found.html).toMatch(/<h3 id="results" tabindex="-1" autofocus>/);
    expect(found.html.match(/name="pick"/g)).toHaveLength(11);
    expect(input(found.html, shop())).toContain('checked');
    const second = await send(found, 'search', (fields) => [...fields, ['page', '1']]);
    expect(second.html).toContain('Showing 11–20.');
    const last = await send(found, 'search', (fields) => [...fields, ['page', '5']]);
    expect(last.html).toContain('Showing 51–60.');
    expect(last.html).not.toMatch(/name="page" value="6"/);
  });

  test.each([
    ['shop', 1],
    ['acme-', 62],
    ['aly ics', 1],
    ['%', 0],
    ['\\', 0],
    ['_', 0],
    ['nowhere', 0],
    ['x'.repeat(10_000), 0],
  ])('for %s', async (text, count) => {
    const { status, html } = await look(await open(), text);
    expect(status).toBe(200);
    expect(html).toMatch(count === 0 ? /Nothing matches/ : new RegExp(`>${count} match`));
  });

  test('opens the branches of a database by its path', async () => {
    request = { ...request, scope: 'database:read_branches branch:read_branch' };
    const page = await look(await open(), 'shop');
    expect(page.html).toMatch(/name="within" value="acme-\w+\/shop">2 branches/);
    const path = /name="within" value="(acme-\w+\/shop)"/.exec(page.html)?.[1] ?? '';
    const found = await browser.submit(page, (fields) => [...fields, ['within', path]]);
    expect(found.html).toContain(printId('branch', tree.staging));
    expect(found.html).toContain(printId('branch', tree.main));
  });

  test('and what was unpicked stays unpicked', async () => {
    request = { ...request, scope: read };
    await allow(await open(), [shop(), analytics()]);
    request = { ...request, isReview: true };
    const left = (fields: Fields) =>
      fill(
        fields.filter(([name, value]) => name !== 'pick' || value !== shop()),
        'search',
        'zz',
      );
    const found = await send(await open(), 'search', left);
    expect(input(found.html, shop())).not.toContain('checked');
    await send(found, 'allow');
    expect(await entries()).toEqual([`analytics ${read}`]);
  });
});

describe('for the script', () => {
  const post = async (step: string, fields: Fields) => {
    const page = await open();
    const token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const body = new URLSearchParams([['token', token], ...fields]);
    return fetch(`${server.issuer}/interaction/${request.uid}/${step}`, {
      method: 'POST',
      headers: { cookie },
      body,
      redirect: 'manual',
    });
  };

  test('a search answers with the results alone, without what is picked', async () => {
    request = { ...request, scope: read };
    const answer = await post('search', [
      ['search', 'acme'],
      ['pick', shop()],
    ]);
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(html).toContain(analytics());
    expect(html).not.toContain(shop());
    expect(html).not.toMatch(/<html|<form/);
  });

  test('a preview says what would be allowed, and writes nothing', async () => {
    request = { ...request, scope: read };
    const answer = await post('preview', [
      ['pick', shop()],
      ['scope', read],
    ]);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^\s*<p>/);
    expect(await entries()).toEqual([]);
    expect(ended).toEqual([]);
  });

  test.each(['search', 'preview'])('%s needs the token of the page', async (step) => {
    expect((await post(step, [['token', 'x']])).status).toBe(200); // the first one counts
    const answer = await fetch(`${server.issuer}/interaction/${request.uid}/${step}`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'x' }),
    });
    expect(answer.status).toBe(403);
  });

  test('a preview of a form that no page of ours wrote is refused in words', async () => {
    expect((await post('preview', [['pick', 'db_1']])).status).toBe(403);
    expect((await post('preview', [['scope', 'everything']])).status).toBe(403);
  });

  test('a search leaves out what is no id', async () => {
    request = { ...request, scope: read };
    const answer = await post('search', [
      ['search', 'acme'],
      ['pick', 'db_1'],
      ['shown', '<b>'],
    ]);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(analytics());
  });

  test.each<[string, () => Fields, RegExp]>([
    ['where and what', () => [], /Choose where, and what \S+ may do/],
    ['where', () => [['scope', read]], /Choose where \S+ may do this/],
    ['what', () => [['pick', shop()]], /Choose what \S+ may do there/],
    [
      'what is there',
      () => [
        ['pick', shop()],
        ['scope', 'branch:write_branch'],
      ],
      /What you turned on isn’t available where you chose/,
    ],
  ])('a preview says what is still to choose: %s', async (_what, fields, said) => {
    request = { ...request, scope: `${read} branch:write_branch` };
    const answer = await post('preview', fields());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(said);
  });

  test('where only OpenID’s scopes are asked, the page says what is learned', async () => {
    request = { ...request, scope: 'openid email' };
    const told = /will only learn which account is yours and your email/;
    expect((await open()).html).toMatch(told);
    expect(await (await post('preview', [])).text()).toMatch(told);
  });
});

describe('/account/applications', () => {
  const list = () => browser.get('/account/applications');

  test('lists where and what, and when it was used', async () => {
    await allow(await open(), [shop()]);
    await insert(database.db, 'grants', {
      id: tree.app,
      consent_id: (
        await run<{ id: string }>(
          database.db,
          'select id from consents where client_id = $1',
          tree.app,
        )
      )[0]?.id,
      account_id: tree.member,
      client_id: tree.app,
      payload: {},
      last_used_at: new Date('2026-11-20T10:20:00Z'),
      expires_at: new Date('2027-11-20T10:20:00Z'),
    });
    const { html } = await list();
    expect(html).toContain('Reports');
    expect(html).toMatch(/acme-\w+\/shop/);
    expect(html).toMatch(/Reports will be able to view [^<]*acme-\w+\/shop/);
    expect(html).toContain('Nov 20, 2026, 10:20 UTC');
  });

  test('takes back, and the application is gone from the list', async () => {
    await allow(await open(), [shop()]);
    const page = await browser.submit(await list(), (fields) => fields, 'withdraw');
    expect(page.html).toContain('Access removed.');
    expect(page.html).toContain('No apps yet');
    expect(await entries()).toEqual([]);
  });

  test('says what is too old, and what has no effect now', async () => {
    const change = (text: string, ...values: string[]) => run(database.db, text, ...values);
    await allow(await open(), [shop()], [read]);
    expect((await list()).html).not.toMatch(/no effect now|can’t do anything now/);
    await change("update consent_entries set consented_at = now() - interval '40 days'");
    await change('update organizations set max_entry_days = 30 where id = $1', tree.acme);
    expect((await list()).html).toMatch(/longer ago than the organization accepts[^<]*\/shop/);
    await change('update organizations set max_entry_days = null where id = $1', tree.acme);
    await change("delete from consent_entries where level <> 'database'");
    await change(
      'update organization_members set suspended_at = now() where account_id = $1',
      tree.member,
    );
    expect((await list()).html).toContain('can’t do anything now');
  });

  test('needs the token of the page', async () => {
    await allow(await open(), [shop()]);
    const page = await browser.submit(
      await list(),
      (fields) => fill(fields, 'token', 'x'),
      'withdraw',
    );
    expect(page.status).toBe(403);
    expect(await entries()).toHaveLength(2);
  });

  test('cannot take back what another account allowed', async () => {
    await allow(await open(), [shop()]);
    const mine = await list();
    request = { ...request, accountId: tree.dba };
    const theirs = await list();
    expect(theirs.html).toContain('No apps yet');
    expect((await browser.submit(mine)).status).toBe(403);
    expect(await entries()).toHaveLength(2);
  });
});

test('the page says how many resources can be chosen; of more it keeps as many as there is room for', async () => {
  request = { ...request, scope: read };
  const page = await open();
  expect(page.html).toContain(`up to ${mostEntries}`);
  const ids = Array.from({ length: 3000 }, () => printId('database', newId()));
  const refused = await allow(page, [shop(), ...ids]);
  expect(refused.status).toBe(422);
  expect(refused.html).toContain(`You can choose at most ${mostEntries}.`);
  expect(input(refused.html, shop())).toContain('checked');
  expect(ended).toEqual([]);
  expect((await send(refused, 'allow')).status).toBe(303);
  expect(await entries()).toEqual([`shop ${read}`]);
});

test('too many picks in a form that no page of ours wrote are refused, too', async () => {
  request = { ...request, scope: read };
  const ids = Array.from({ length: mostEntries + 1 }, () => printId('database', newId()));
  const refused = await allow(await open(), ids, ['everything']);
  expect(refused.status).toBe(422);
  expect(await entries()).toEqual([]);
  expect(server.reported).toEqual([]);
});

test('an end can be chosen, and stays as it is where nothing else is chosen', async () => {
  const expires = async () => {
    const text =
      'select extract(epoch from expires_at - now()) as s from consents where client_id = $1';
    const [row] = await run<{ s: string | null }>(database.db, text, tree.app);
    return row?.s === null ? null : Math.round(Number(row?.s) / 3600);
  };
  request = { ...request, scope: read };
  const page = await open();
  expect(page.html).toContain('<option value="until_removed" selected>Until I remove it');
  await send(page, 'allow', (fields) => [...choose([shop()], [read])(fields), ['ends', '1_day']]);
  expect(await expires()).toBe(24);
  request = { ...request, isReview: true };
  const again = await open();
  expect(again.html).toMatch(/<option value="" selected>As before: until \w+ \d+, \d{4}/);
  await send(again, 'allow', (fields) => [...fields, ['ends', '']]);
  expect(await expires()).toBe(24);
  await send(await open(), 'allow', (fields) => [...fields, ['ends', 'until_removed']]);
  expect(await expires()).toBeNull();
});

describe('what the application requires', () => {
  const require = (scope: string) =>
    run(
      database.db,
      `update clients set scope = $2, metadata = jsonb_build_object('requiredScope', $3::text) where id = $1`,
      tree.app,
      scope,
      scope,
    );

  test('is marked, and missed where it is left out', async () => {
    const more = 'database:read_backups';
    request = { ...request, scope: `${read} ${more}` };
    await require(read);
    const page = await open();
    expect(page.html.match(/>Required</g)).toHaveLength(1);
    const refused = await allow(page, [shop()], [more]);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('can’t work without a permission that you left out');
    expect(input(refused.html, shop())).toContain('checked');
    expect((await send(refused, 'allow', choose([], [read]))).status).toBe(303);
  });

  test('leaves only Cancel to whom no role lets give it, and the application is told', async () => {
    const needed = 'database:write_members';
    request = { ...request, scope: `${read} ${needed}` };
    await require(needed);
    const page = await open();
    expect(page.html).toContain('permissions that you can’t give: Give people roles');
    expect(page.html).not.toContain('value="allow"');
    await send(page, 'cancel');
    expect(ended).toEqual([expect.stringContaining(`required scope could be given: ${needed}`)]);
  });
});

describe('/account/applications/:client', () => {
  const write = 'database:write_members';
  const address = () => `/account/applications/${tree.app}`;
  const change = async (edit: (fields: Fields) => Fields, action = 'save') =>
    browser.submit(
      await browser.get(address()),
      (fields) => press(edit(fields), action),
      address(),
    );

  beforeEach(async () => {
    request = { ...request, scope: `${read} ${write}`, accountId: tree.dba };
    await allow(await open(), [shop(), analytics()], [read]);
    await allow(await open(), [], []);
  });

  test('shows what stands, and narrows at once', async () => {
    const { html } = await browser.get(address());
    expect(html).toContain('What Reports may do');
    expect(input(html, shop())).toContain('checked');
    expect(html).toContain('Reports will be able to view acme-');
    const page = await change((fields) =>
      fields.filter(([, value]) => value !== analytics() || false).concat([['shown', analytics()]]),
    );
    expect(page.html).toContain('Saved.');
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('widens in resources, within the permissions that were given', async () => {
    await change((fields) =>
      fields.filter(([, value]) => value !== analytics()).concat([['shown', analytics()]]),
    );
    await change((fields) => choose([analytics()])(fields));
    expect(await entries()).toEqual([`analytics ${read}`, `shop ${read}`]);
    const versions = await run<{ version: number }>(
      database.db,
      'select e.version from consent_entries e join consents c on c.id = e.consent_id where c.client_id = $1 order by 1',
      tree.app,
    );
    expect(versions.map(({ version }) => version)).toEqual([1, 4]); // a token that is out never widens
    const refused = await change((fields) => choose([], [write])(fields));
    expect(refused.status).toBe(403);
    const own = await change((fields) => [...fields, [`scope:${shop()}`, write]]);
    expect(own.status).toBe(403);
    expect(await entries()).toEqual([`analytics ${read}`, `shop ${read}`]);
  });

  test('says what has no effect now, and why', async () => {
    await run(
      database.db,
      "update organizations set base_role = 'member' where id = $1",
      tree.acme,
    );
    request = { ...request, isReview: true };
    await allow(await open(), [], [write]);
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const { html } = await browser.get(address());
    expect(html).toContain('1 permission has no effect now');
    expect(html).toContain('Needs the role Database Administrator on acme-');
  });

  test('leaves nothing to save when everything is off, and is nobody else’s', async () => {
    const off = await change((fields) => fields.filter(([name]) => name !== 'pick'));
    expect(off.status).toBe(422);
    request = { ...request, accountId: tree.member };
    expect((await browser.get(address())).html).toContain('No apps yet');
    expect(await entries()).toHaveLength(2);
  });

  test('searches and previews for the script', async () => {
    const page = await browser.get(address());
    const token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const post = (step: string, ...fields: Fields) =>
      fetch(`${server.issuer}${address()}/${step}`, {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams([['token', token], ...fields]),
      }).then((answer) => answer.text());
    expect(await post('search', ['search', 'shop'])).toContain(shop());
    expect(await post('preview', ['pick', shop()], ['scope', read])).toMatch(
      /will be able to view acme-[\s\S]*\/shop/,
    );
  });
});

describe('where an organization must approve the application first', () => {
  const acme = () => printId('organization', tree.acme);
  const ask = (page: Page, reason: string, change = (fields: Fields) => fields) =>
    send(page, `ask ${acme()}`, (fields) => fill(change(fields), `reason:${acme()}`, reason));
  const kept = async () => {
    const text = 'select reason, account_id from approval_requests where client_id = $1';
    return run(database.db, text, tree.app);
  };
  const mails = () =>
    run<{ kind: string; details: object }>(
      database.db,
      'select kind, account_id, details from account_notices where details @> $1 order by kind',
      { person: 'member' },
    );

  beforeEach(async () => {
    const policy =
      "update organizations set application_policy = 'approval_required' where id = $1";
    await run(database.db, policy, tree.acme);
    await run(database.db, 'delete from account_notices');
    const grants = "update clients set grant_types = '{authorization_code}' where id = $1";
    await run(database.db, grants, tree.app);
    request = { ...request, scope: `${read} database:write_members` };
  });

  test('a member asks for it, with a reason, and sees that it was asked', async () => {
    const page = await ask(await open(), '  For the <b>reports</b>.  ', choose([], [read]));
    expect(page.status).toBe(200);
    expect(await kept()).toEqual([{ reason: 'For the <b>reports</b>.', account_id: tree.member }]);
    for (const { html } of [page, await open()]) {
      expect(html).toContain('“For the &lt;b&gt;reports&lt;/b&gt;.”');
      expect(html).not.toContain('Ask for approval');
    }
    expect(await mails()).toMatchObject([
      {
        kind: 'approval-requested',
        account_id: tree.admin,
        details: { organization: 'Acme', person: 'member' },
      },
    ]);
    expect(ended).toEqual([]);
  });

  test('the rest of the choice is kept', async () => {
    request = { ...request, accountId: tree.consultant };
    const ledger = printId('database', tree.ledger);
    const page = await ask(await open(), 'For the reports.', choose([ledger], [read]));
    expect(input(page.html, ledger)).toContain('checked');
    await send(page, 'allow');
    expect(await entries()).toEqual([`ledger ${read}`]);
    expect(await kept()).toHaveLength(1);
  });

  test('a reason that is none is said beside it, and what was written is kept', async () => {
    const nothing = await ask(await open(), ' ');
    expect(nothing.html).toContain('Write a reason of up to 500 characters.');
    const long = 'a'.repeat(501);
    expect((await ask(nothing, long)).html).toContain(long);
    const searched = await send(nothing, 'search', (fields) =>
      fill(fields, `reason:${acme()}`, 'Half a sen'),
    );
    expect(searched.html).toContain('>Half a sen</textarea>');
    expect(await kept()).toEqual([]);
  });

  test('who was declined is told when to ask again, also who still has the form', async () => {
    const before = await open();
    await ask(before, 'For the reports.');
    await run(database.db, 'update approval_requests set declined_at = now()');
    for (const page of [await open(), await ask(before, 'Please.')]) {
      expect(page.status).toBe(200);
      expect(page.html).toContain('You can ask again after');
      expect(page.html).not.toContain('Ask for approval');
    }
  });

  describe('for production alone', () => {
    const reachesProduction = 'branch:read_branch';
    beforeEach(async () => {
      const guarded = `update organizations set application_policy = 'open', guards_production = true
                        where id = $1`;
      await run(database.db, guarded, tree.acme);
      await run(database.db, 'update clients set is_verified = false where id = $1', tree.app);
      request = { ...request, scope: `${read} ${reachesProduction}` };
    });

    test('a member asks from the page, and allows the rest at once', async () => {
      const first = await open();
      expect(first.html).toContain('reach production only once an administrator approves them');
      const page = await ask(first, 'For the reports.', choose([shop()], [read]));
      expect(page.html).toContain('“For the reports.”');
      expect(await kept()).toEqual([{ reason: 'For the reports.', account_id: tree.member }]);
      expect((await send(page, 'allow')).status).toBeLessThan(400);
      expect(await entries()).toEqual(
        [`acme/shop ${read}`].map(() => expect.stringContaining(read)),
      );
    });

    test.each([
      ['a verified one', `update clients set is_verified = true where id = $1`],
      [
        'one that was approved',
        `insert into application_approvals (organization_id, client_id, production)
                                 select id, $1, false from organizations where slug like 'acme%'`,
      ],
    ])('%s has nothing to ask for', async (_what, sql) => {
      await run(database.db, sql, tree.app);
      expect((await open()).html).not.toContain('Ask for approval');
    });

    test('nor has one that asks for nothing of branches', async () => {
      request = { ...request, scope: 'database:write_members' };
      expect((await open()).html).not.toContain('Ask for approval');
    });
  });

  test('a form of somewhere else asks nothing', async () => {
    const forged = await browser.submit(await open(), (fields) =>
      fill(fill(press(fields, `ask ${acme()}`), `reason:${acme()}`, 'Please.'), 'token', 'x'),
    );
    expect(forged.status).toBe(403);
    const vault = printId('organization', tree.vault);
    const foreign = await send(await open(), `ask ${vault}`, (fields) => [
      ...fields,
      [`reason:${vault}`, 'Please.'],
    ]);
    expect(foreign.status).toBe(200);
    await send(await open(), 'ask nonsense');
    expect(await kept()).toEqual([]);
  });
});
