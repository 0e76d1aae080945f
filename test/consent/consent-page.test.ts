/** The consent page and the list of applications, as a browser without JavaScript meets them. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { newId, printId } from '../../src/lib/ids.ts';
import type { AuthorizationRequest, Interactions } from '../../src/provider/interactions.ts';
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
      return { accountId, uid: await sessionOf(accountId), authenticatedAt: new Date() };
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
  };
  ended = [];
  browser = createUserAgent(server.issuer);
});

const open = () => browser.get(`/interaction/${request.uid}/consent`);
const pick =
  (...ids: string[]) =>
  (fields: Fields): Fields => [
    ...fields.filter(([name, value]) => name !== 'pick' || !value.startsWith('user_')),
    ...ids.map((id): [string, string] => ['pick', id]),
  ];
const press = (fields: Fields, action: string) => fill(fields, 'action', action);
const allow = (page: Page, ...ids: string[]) =>
  browser.submit(page, (fields) => press(pick(...ids)(fields), 'allow'));

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
  request = { ...request, scope: 'database:read_branches' };
  const page = await open();
  expect(input(page.html, `${shop()}.production`)).not.toContain('checked');
  const both = pick(shop(), analytics());
  await browser.submit(page, (fields) =>
    press([...both(fields), [`production:${analytics()}`, 'yes']], 'allow'),
  );
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
  const again = await open();
  expect(input(again.html, `${analytics()}.production`)).toContain('checked');
});

describe('the page', () => {
  test('tells who asks, what for, and where it leads', async () => {
    const { status, html } = await open();
    expect(status).toBe(200);
    expect(html).toContain('Reports asks for access');
    expect(html).toMatch(/Belongs to<\/dt><dd>Vault</);
    expect(html).toContain('<strong>app.test</strong>');
    expect(html).toContain('Know which account is yours');
    expect(html).toContain('In each database that you pick');
    expect(html).toContain('every database in Acme, today’s and tomorrow’s');
    expect(html).toContain('30 days after its last use, and after 365 days at the latest');
    expect(html).not.toContain('Not verified');
  });

  test('marks an application that registered itself', async () => {
    request = { ...request, clientId: tree.wild };
    const { html } = await open();
    expect(html).toContain('Not verified');
    expect(html).toContain('nobody known here');
  });

  test('marks production branches with a word', async () => {
    const { html } = await open();
    expect(html).toMatch(/main <span class="badge badge-production">production<\/span>/);
    expect(html).toMatch(/staging <span class="badge badge-muted">development<\/span>/);
  });

  test('closes what the role cannot give, and says what it would take', async () => {
    const { html } = await open();
    expect(input(html, `${shop()}.database:write_members`)).toContain('disabled');
    expect(html).toContain('Needs Database Administrator of shop.');
    expect(input(html, `${shop()}.database:read_branches`)).not.toContain('disabled');
    expect(input(html, printId('branch', tree.main))).toContain('disabled');
    expect(input(html, printId('branch', tree.staging))).not.toContain('disabled');
  });

  test('says where an open scope does not reach for now, and marks what reaches production', async () => {
    request = { ...request, scope: 'database:write_branches database:read_branches' };
    const asMember = (await open()).html;
    expect(asMember).toContain(
      'Not on production branches for now. Needs Database Administrator of shop.',
    );
    const marked =
      /(?:See the|Create) branches(?:,| and)[^<]*<span class="badge badge-production">/g;
    expect(asMember.match(marked)).toHaveLength(2); // reading, on either database
    request = { ...request, accountId: tree.admin };
    const asAdministrator = (await open()).html;
    expect(asAdministrator).not.toContain('for now');
    expect(asAdministrator.match(marked)).toHaveLength(4);
  });

  test('says that an organization reaches only some databases for now', async () => {
    request = { ...request, scope: 'organization:promote_branches', accountId: tree.dba };
    expect((await open()).html).toContain(
      'For now only in the databases where your role gives it.',
    );
  });

  test('says what can be done about what is closed, where something is', async () => {
    const help = 'An administrator of the organization can change that.';
    expect((await open()).html).toContain(help);
    request = { ...request, scope: 'database:read_branches' };
    expect((await open()).html).not.toContain(help);
  });

  test('says why an organization has nothing to pick', async () => {
    request = { ...request, scope: 'user:read_user database:read_branches' };
    request = { ...request, accountId: tree.guest };
    const { html } = await open();
    expect(html).toContain('You have no role on any database of Vault, so there is none to pick.');
    expect(html).toContain('value="allow"'); // the account is there to be picked
    await run(database.db, 'delete from databases where organization_id = $1', tree.vault);
    const promote = 'update organization_members set role = $2 where account_id = $1';
    await run(database.db, promote, tree.guest, 'organization_admin');
    expect((await open()).html).toContain('There is no database in Vault yet.');
  });

  test('offers nothing to press but Cancel when nothing can be given', async () => {
    request = { ...request, scope: 'openid database:write_members' };
    const { html } = await open();
    expect(html).toContain('You can give nothing of what Reports asks for');
    expect(html).not.toContain('value="allow"');
    expect(html).toContain('value="cancel"');
    request = { ...request, accountId: tree.dba };
    expect((await open()).html).toContain('value="allow"');
    request = { ...request, accountId: tree.stranger, scope: 'openid' };
    expect((await open()).html).toContain('value="allow"');
  });

  test('claims nothing about boxes that it cannot follow without its script', async () => {
    expect((await open()).html).toMatch(/<p data-picked-line hidden>/);
  });

  test('binds every box to its label, and no id stands twice', async () => {
    const { html } = await open();
    const boxes = Array.from(
      html.matchAll(/<input type="checkbox"[^>]*\bid="([^"]+)"/g),
      ([, id]) => id,
    );
    const labels = Array.from(html.matchAll(/<label [^>]*\bfor="([^"]+)"/g), ([, id]) => id);
    expect(boxes.length).toBeGreaterThan(10);
    expect(html.match(/type="checkbox"/g)).toHaveLength(boxes.length);
    expect(labels).toEqual(boxes);
    expect(new Set(boxes).size).toBe(boxes.length);
  });

  test('shows names as text, whatever they hold', async () => {
    await run(database.db, 'update clients set name = $2 where id = $1', tree.app, evil);
    await run(database.db, 'update organizations set name = $1', evil);
    await run(database.db, 'update accounts set name = $1', evil);
    await allow(await open(), shop());
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

  test('is nobody’s whose request it is not', async () => {
    const page = await browser.get('/interaction/another/consent');
    expect(page.status).toBe(404);
  });

  test('is not shown to an account that was suspended meanwhile', async () => {
    await run(database.db, "update accounts set status = 'suspended' where id = $1", tree.member);
    expect((await open()).status).toBe(404);
  });
});

describe('Allow', () => {
  test('stores what is picked with what is ticked there, and goes on', async () => {
    const page = await allow(await open(), shop(), printId('branch', tree.staging));
    expect(page.url).toBe('https://app.test/callback');
    expect(page.status).toBe(303);
    expect(ended).toEqual(['consented']);
    expect(await entries()).toEqual(['shop database:read_branches', 'shop branch:write_branch']);
  });

  test('stores the account’s own scopes, which come picked', async () => {
    await browser.submit(await open(), (fields) => press(fields, 'allow'));
    expect(await entries()).toEqual(['user user:read_user']);
  });

  test('the second time shows what stands, and takes back what is unpicked', async () => {
    const first = await open();
    expect(first.html).not.toContain('What you untick here ends at once');
    await allow(first, shop(), analytics());
    const again = await open();
    expect(again.html).toContain('What you untick here ends at once');
    expect(input(again.html, shop())).toContain('checked');
    await browser.submit(again, (fields) =>
      press(fields.filter(([, value]) => value !== shop()).concat([['shown', shop()]]), 'allow'),
    );
    expect(await entries()).toEqual(['analytics database:read_branches']);
  });

  test('with nothing picked asks again, and stores nothing', async () => {
    const page = await allow(await open());
    expect(page.status).toBe(422);
    expect(page.html).toContain('Nothing is picked yet.');
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test.each<[string, (fields: Fields) => Fields, number]>([
    [
      'a foreign database',
      (fields) => [...fields, ['pick', printId('database', tree.ledger)]],
      403,
    ],
    ['an id of nothing', (fields) => [...fields, ['pick', 'db_1']], 403],
    [
      'a scope that is closed',
      (fields) => [...pick(shop())(fields), [`scope:${shop()}`, 'database:write_members']],
      403,
    ],
    [
      'a scope that is not asked',
      (fields) => [...pick(shop())(fields), [`scope:${shop()}`, 'database:read_backups']],
      403,
    ],
    [
      'a scope of no catalogue',
      (fields) => [...pick(shop())(fields), [`scope:${shop()}`, 'everything']],
      403,
    ],
    ['another token', (fields) => fill(pick(shop())(fields), 'token', 'x'.repeat(43)), 403],
  ])('refuses %s', async (_what, change, status) => {
    const page = await browser.submit(await open(), (fields) => press(change(fields), 'allow'));
    expect(page.status).toBe(status);
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test('takes nothing of the request from the form', async () => {
    await browser.submit(await open(), (fields) =>
      press(
        [...pick(shop())(fields), ['client_id', tree.wild], ['scope', 'database:read_backups']],
        'allow',
      ),
    );
    expect(await entries()).toEqual(['shop database:read_branches']);
  });

  test('promoted while the page was open: 409, and the page says so', async () => {
    const page = await open();
    await run(database.db, 'update branches set production = true where id = $1', tree.staging);
    const again = await allow(page, printId('branch', tree.staging));
    expect(again.status).toBe(409);
    expect(again.html).toContain('promoted or demoted meanwhile');
  });

  test('a form of another account’s page is refused', async () => {
    const page = await open();
    request = { ...request, accountId: tree.dba };
    expect((await allow(page, shop())).status).toBe(403);
  });
});

test('Cancel tells the application, and stores nothing', async () => {
  await browser.submit(await open(), (fields) => press(pick(shop())(fields), 'cancel'));
  expect(ended).toEqual(['refused: The user did not allow it.']);
  expect(await entries()).toEqual([]);
});

describe('Find', () => {
  beforeEach(() =>
    run(
      database.db,
      `insert into databases (id, organization_id, slug)
       select gen_random_uuid(), $1, 'zz-' || n from generate_series(1, 60) n`,
      tree.acme,
    ),
  );

  test('keeps what is picked, and what was left out there', async () => {
    request = { ...request, scope: 'database:read_branches database:delete_branches' };
    const first = await open();
    expect(first.html).toContain('more databases are not shown');
    const found = await browser.submit(first, (fields) => {
      const kept = fields.filter(
        ([name, value]) => name !== `scope:${shop()}` || value !== 'database:delete_branches',
      );
      return press(fill(pick(shop())(kept), 'search', 'analy'), 'search');
    });
    expect(found.html).toContain(analytics());
    expect(found.html).not.toContain('/zz-1"');
    await browser.submit(found, (fields) => press([...fields, ['pick', analytics()]], 'allow'));
    expect(await entries()).toEqual([
      'analytics database:read_branches database:delete_branches',
      'shop database:read_branches',
    ]);
  });

  test('says when nothing matches, also beside what is picked', async () => {
    request = { ...request, scope: 'database:read_branches' };
    const look = (page: Page, text: string, ...ids: string[]) =>
      browser.submit(page, (fields) => press(fill(pick(...ids)(fields), 'search', text), 'search'));
    const nothing = await look(await open(), 'nowhere');
    expect(nothing.html).toContain('Nothing matches “nowhere”.');
    const found = await look(nothing, 'shop');
    expect(found.html).not.toContain('Nothing matches');
    const kept = await look(found, 'nowhere', shop());
    expect(kept.html).toContain('Nothing matches “nowhere” but what you have picked.');
    expect(input(kept.html, shop())).toContain('checked');
  });

  test('and what was unpicked stays unpicked, shown or not', async () => {
    request = { ...request, scope: 'database:read_branches' };
    await allow(await open(), shop(), analytics());
    const found = await browser.submit(await open(), (fields) =>
      press(
        fill(
          fields.filter(([name, value]) => name !== 'pick' || value !== shop()),
          'search',
          'zz',
        ),
        'search',
      ),
    );
    expect(found.html).not.toContain(`value="${shop()}" data-path`);
    await browser.submit(found, (fields) => press(fields, 'allow'));
    expect(await entries()).toEqual(['analytics database:read_branches']);
  });
});

describe('/account/applications', () => {
  const list = () => browser.get('/account/applications');

  test('lists where and what, and when it was used', async () => {
    await allow(await open(), shop());
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
    expect(html).toContain('See the branches and their settings');
    expect(html).toContain('Nov 20, 2026, 10:20 UTC');
  });

  test('takes back, and the application is gone from the list', async () => {
    await allow(await open(), shop());
    const page = await browser.submit(await list());
    expect(page.html).toContain('Access removed.');
    expect(page.html).toContain('No apps yet');
    expect(await entries()).toEqual([]);
  });

  test('needs the token of the page', async () => {
    await allow(await open(), shop());
    const page = await browser.submit(await list(), (fields) => fill(fields, 'token', 'x'));
    expect(page.status).toBe(403);
    expect(await entries()).toHaveLength(1);
  });

  test('cannot take back what another account allowed', async () => {
    await allow(await open(), shop());
    const mine = await list();
    request = { ...request, accountId: tree.dba };
    const theirs = await list();
    expect(theirs.html).toContain('No apps yet');
    expect((await browser.submit(mine)).status).toBe(403);
    expect(await entries()).toHaveLength(1);
  });
});

test('the page says how many resources can be chosen, and so does the refusal of more', async () => {
  const page = await open();
  expect(page.html).toContain(`up to ${mostEntries}`);
  const ids = Array.from({ length: mostEntries + 1 }, () => printId('database', newId()));
  const refused = await allow(page, ...ids);
  expect(refused.status).toBe(422);
  expect(refused.html).toContain(`You can choose at most ${mostEntries} resources.`);
  expect(ended).toEqual([]);
});
