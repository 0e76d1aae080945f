/** Why? with the demo's data, by clicks alone, without JavaScript. */

import { describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { consentTo, demoApp } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import type { Page, UserAgent } from '../../support/user-agent.ts';
import { textOf } from './console-people.ts';

const server = forAllTests(startTestServer);
const admin = forAllTests(() => signedInAs(server, 'admin@acme.test'));

/** The addresses of the links with this text. */
function linksOf({ html }: Page, text: string): string[] {
  const links = html.matchAll(/<a [^>]*?href="([^"]+)"[^>]*>([\s\S]*?)<\/a>/g);
  return Array.from(links).flatMap(([, href = '', body = '']) =>
    body
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim() === text
      ? [href.replaceAll('&amp;', '&')]
      : [],
  );
}

async function click(by: UserAgent, page: Page, text: string, nth = 0): Promise<Page> {
  const href = linksOf(page, text)[nth];
  if (href === undefined) throw new Error(`no link "${text}" in ${textOf(page)}`);
  return by.get(href);
}

const idOf = async (sql: string, ...values: string[]) =>
  (await server.database.db.query<{ id: string }>(statement(sql), values))[0]?.id ?? '';
const person = async (email: string) =>
  printId('user', await idOf('select id from accounts where email = $1', email));
const databaseId = async (slug: string) =>
  printId('database', await idOf('select id from databases where slug = $1', slug));

describe('an administrator', () => {
  test('finds out in two clicks why somebody can and cannot do things', async () => {
    const overview = await admin.get('/organizations/acme');
    const start = await click(admin, overview, 'Why?');
    const shown = await click(admin, start, 'Developer');
    const text = textOf(shown);
    expect(text).toMatch(/Can do on shop.*Developer on shop.*Create a database branch/);
    expect(text).toMatch(/Can’t do on shop.*Needs the role Database Administrator on shop/);
    expect(text).toMatch(/can give the role/);
  });

  test('finds people by a part of their name or address', async () => {
    const found = async (find: string) =>
      textOf(await admin.get(`/organizations/acme/why?${new URLSearchParams({ find })}`));
    for (const typed of ['dba@acme.test', 'DBA', 'dba acme']) {
      const text = await found(typed);
      expect([typed, text.includes('dba@acme.test'), text.includes('member@acme.test')]).toEqual([
        typed,
        true,
        false,
      ]);
    }
    expect(await found('zzz')).toContain('Nobody here has a name or an address like this');
  });

  test('finds out in two clicks who can reach production', async () => {
    const overview = await admin.get('/organizations/acme');
    const start = await click(admin, overview, 'Why?');
    const shown = await click(admin, start, 'Who can reach production?');
    const text = textOf(shown);
    expect(text).toMatch(/admin@acme.test.*Organization Administrator of Acme/);
    expect(text).toMatch(/dba@acme.test.*Database Administrator on shop/);
    expect(text).toMatch(/team@acme.test.*administers analytics/);
    expect(text).toMatch(/developer@acme.test.*Developer on shop/);
    expect(text).not.toContain('member@acme.test');
  });

  test('is answered about one thing in a sentence, with what is missing and who gives it', async () => {
    const [shop, who] = [await databaseId('shop'), await person('developer@acme.test')];
    const page = await admin.get(`/organizations/acme/why?person=${who}&on=${shop}`);
    const no = await click(admin, page, 'Delete a production branch');
    expect(textOf(no)).toMatch(/No, .* can’t do this on shop\./);
    expect(textOf(no)).toContain('Needs the role Database Administrator on shop');
    const everybody = await click(admin, no, 'Who can do this?');
    expect(textOf(everybody)).toMatch(
      /admin@acme.test.*dba@acme.test|dba@acme.test.*admin@acme.test/,
    );
    expect(textOf(everybody)).not.toContain('developer@acme.test');
  });

  test('asks about a branch, of its kind now', async () => {
    const [shop, who] = [await databaseId('shop'), await person('developer@acme.test')];
    const page = await admin.get(`/organizations/acme/why?person=${who}&on=${shop}`);
    const branch = await click(admin, page, 'main production');
    expect(textOf(branch)).toMatch(/Can’t do on shop\/main/);
  });
});

describe('an application', () => {
  const reading = 'database:read_database database:read_branches';

  test('is named by an administrator: what it can do for somebody, by consent, role and policy', async () => {
    await consentTo(server, demoApp, 'member@acme.test', reading, ['acme/shop']);
    const shop = await databaseId('shop');
    const who = await person('member@acme.test');
    const page = await admin.get(`/organizations/acme/why?person=${who}&on=${shop}`);
    expect(page.html).toContain(`<option value="${demoApp.id}"`);
    const shown = await admin.get(
      `/organizations/acme/why?person=${who}&on=${shop}&app=${demoApp.id}`,
    );
    const text = textOf(shown);
    expect(text).toMatch(/What Demo App can do for .*, and why/);
    expect(text).toContain('Acme owns this app.');
    expect(text).toMatch(
      /Can do on shop.*Allowed by .* for shop.*the base role of everyone in Acme/,
    );
    expect(text).toMatch(/Can’t do on shop.*hasn’t allowed it for shop Needs the role Database/);
    const no = await click(admin, shown, 'Delete the database, with everything in it');
    expect(textOf(no)).toMatch(/No, Demo App can’t do this for .* on shop\./);
    const branch = await click(admin, shown, 'main production');
    expect(textOf(branch)).toMatch(/Can do on shop\/main.*Allowed by .* for shop/);
  });

  test('is reached from its own page, and asked about by members for themselves', async () => {
    await consentTo(server, demoApp, 'member@acme.test', reading, ['acme/shop']);
    const ofApp = await admin.get(`/organizations/acme/applications/${demoApp.id}`);
    const shown = await click(admin, ofApp, 'Why? Member (acme)');
    expect(textOf(shown)).toMatch(/What Demo App can do for Member \(acme\), and why/);
    const member = await signedInAs(server, 'member@acme.test');
    const own = await member.get(`/organizations/acme/why?app=${demoApp.id}`);
    expect([own.status, textOf(own).includes('Allowed by Member (acme)')]).toEqual([200, true]);
  });

  test.each([
    ['somebody else', 'member@acme.test', async () => person('dba@acme.test'), demoApp.id, 403],
    ['what is no application', 'admin@acme.test', async () => person('dba@acme.test'), 'x', 404],
    ['a resource server', 'admin@acme.test', async () => person('dba@acme.test'), 'demo-api', 404],
  ])('a question about %s is refused', async (_what, by, who, app, status) => {
    const agent = await signedInAs(server, by);
    const asked = new URLSearchParams({ person: await who(), on: '', app });
    expect((await agent.get(`/organizations/acme/why?${asked}`)).status).toBe(status);
  });
});

describe('others', () => {
  test('members ask about themselves', async () => {
    const member = await signedInAs(server, 'member@acme.test');
    const page = await member.get('/organizations/acme/why');
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('the base role of everyone in Acme');
    expect(linksOf(page, 'Who can do this?')).toEqual([]);
  });

  test.each([
    ['somebody else', async () => `person=${await person('dba@acme.test')}&on=`, 403],
    [
      'somebody else on a database',
      async () => `person=${await person('dba@acme.test')}&on=${await databaseId('shop')}`,
      403,
    ],
    ['everybody', async () => 'do=production', 403],
    ['everybody on a database', async () => `do=production&on=${await databaseId('shop')}`, 403],
    ['another organization’s database', async () => `on=${await databaseId('ledger')}`, 404],
    ['no id', async () => 'person=nobody', 404],
    ['an id of another kind', async () => `on=${await person('dba@acme.test')}`, 404],
    ['a branch without its database', async () => 'branch=br_0', 404],
    ['nothing that can be asked', async () => 'do=__proto__', 404],
  ])('a member who asks about %s is refused', async (_what, query, status) => {
    const member = await signedInAs(server, 'member@acme.test');
    expect((await member.get(`/organizations/acme/why?${await query()}`)).status).toBe(status);
  });

  test('a database administrator asks about people there, and nowhere else', async () => {
    const dba = await signedInAs(server, 'dba@acme.test');
    const [shop, analytics] = [await databaseId('shop'), await databaseId('analytics')];
    const who = await person('developer@acme.test');
    const at = (on: string) => dba.get(`/organizations/acme/why?person=${who}&on=${on}`);
    expect([(await at(shop)).status, (await at(analytics)).status]).toEqual([200, 403]);
    const production = (on: string) => dba.get(`/organizations/acme/why?do=production&on=${on}`);
    expect([(await production(shop)).status, (await production(analytics)).status]).toEqual([
      200, 403,
    ]);
  });

  test('somebody of another organization learns nothing of who is in this one', async () => {
    const vault = await person('reader@vault.test');
    expect((await admin.get(`/organizations/acme/why?person=${vault}&on=`)).status).toBe(404);
  });
});
