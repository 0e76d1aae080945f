/** The list of applications, and the page that changes what one may do. */

import { beforeEach, describe, expect, test } from 'vitest';
import { type Fields, fill } from '../support/user-agent.ts';
import {
  allow,
  analytics,
  askFor,
  browser,
  choose,
  database,
  entries,
  input,
  open,
  press,
  read,
  server,
  shop,
  tree,
  useConsentSite,
} from './consent-site.ts';
import { insert, run } from './tree.ts';

useConsentSite();

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
    expect(html).toMatch(/Reports can view [^<]*acme-\w+\/shop/);
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
    const change = (text: string, ...about: string[]) => run(database.db, text, ...about);
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
    askFor({ accountId: tree.dba });
    const theirs = await list();
    expect(theirs.html).toContain('No apps yet');
    expect((await browser.submit(mine)).status).toBe(403);
    expect(await entries()).toHaveLength(2);
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
    askFor({ scope: `${read} ${write}`, accountId: tree.dba });
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
    askFor({ isReview: true });
    await allow(await open(), [], [write]);
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const { html } = await browser.get(address());
    expect(html).toContain('1 permission has no effect now');
    expect(html).toContain('Needs the role Database Administrator on acme-');
  });

  test('leaves nothing to save when everything is off, and is nobody else’s', async () => {
    const off = await change((fields) => fields.filter(([name]) => name !== 'pick'));
    expect(off.status).toBe(422);
    askFor({ accountId: tree.member });
    expect((await browser.get(address())).html).toContain('No apps yet');
    expect(await entries()).toHaveLength(2);
  });

  test('is no page under a name that no application can have', async () => {
    const none = '/account/applications/%00';
    expect((await browser.get(none)).status).toBe(400);
    const page = await browser.get(address());
    const asked = await browser.submit({ ...page, html: page.html.replaceAll(address(), none) });
    expect(asked.status).toBe(400);
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
