/** Name and slug of an organization, changed by people at browsers without JavaScript. */

import { describe, expect, test } from 'vitest';
import { statement } from '../../../src/storage/engine/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { consentTo, demoApp } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import { fill, type Page, type UserAgent } from '../../support/user-agent.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(() => signedInAs(server, 'admin@acme.test'));

const rename = (by: UserAgent, page: Page, name: string, slug: string) =>
  by.submit(page, (fields) => fill(fill(fields, 'name', name), 'slug', slug), '/settings/name');

const named = async () => {
  const sql = statement(`select name, slug from organizations where slug like 'acme%'`);
  return (await server.database.db.query<{ name: string; slug: string }>(sql))[0];
};

test('a change is said on the next page, to whoever made it alone, and can be undone', async () => {
  const done = await rename(
    agent,
    await agent.get('/organizations/acme/settings'),
    'Acme 2',
    'acme-2',
  );
  expect([done.status, new URL(done.url).pathname]).toEqual([
    200,
    '/organizations/acme-2/settings',
  ]);
  expect(done.html).toContain('is called Acme 2 now, and its address is acme-2.');
  const vault = await signedInAs(server, 'admin@vault.test');
  const elsewhere = done.url.replace('/acme-2/', '/vault/');
  expect((await vault.get(elsewhere)).html).not.toContain('Acme 2');
  const undone = await agent.submit(done, (fields) => fields, '/settings/name');
  expect(undone.html).toContain('its address is acme.');
  expect(await named()).toEqual({ name: 'Acme', slug: 'acme' });
});

test('of two who change one state, the second sees what the first did, and overwrites nothing', async () => {
  const [one, two] = [
    await agent.get('/organizations/acme/settings'),
    await agent.get('/organizations/acme/settings'),
  ];
  await rename(agent, one, 'First', 'acme');
  const second = await rename(agent, two, 'Second', 'acme');
  expect(second.status).toBe(409);
  expect(second.html).toContain('Now it is “First”, at acme');
  expect(second.html).toContain('value="Second"');
  expect(await named()).toMatchObject({ name: 'First' });
  const third = await rename(agent, second, 'Acme', 'acme');
  expect([third.status, await named()]).toEqual([200, { name: 'Acme', slug: 'acme' }]);
});

test.each([
  ['a slug that is taken', 'Acme', 'vault', 'This short name is taken'],
  ['a slug that is none', 'Acme', 'No Slug', 'Use 1 to 63 lowercase letters'],
  ['no name', ' ', 'acme', 'name-error'],
])('%s is refused, and what was typed stays', async (_what, name, slug, text) => {
  const page = await rename(agent, await agent.get('/organizations/acme/settings'), name, slug);
  expect(page.status).toBe(422);
  expect(page.html).toContain(text);
  expect(page.html).toContain(`value="${slug}"`);
});

test('a form of one organization serves no other, even at the same address', async () => {
  const page = await agent.get('/organizations/acme/settings');
  const vault = await signedInAs(server, 'admin@vault.test');
  const moved = {
    ...page,
    html: page.html.replaceAll('/organizations/acme/', '/organizations/vault/'),
  };
  expect((await rename(agent, moved, 'Mine', 'vault')).status).toBe(404);
  expect((await rename(vault, moved, 'Mine', 'vault')).status).toBe(403);
});

test('sent twice it is done once', async () => {
  const page = await agent.get('/organizations/acme/settings');
  const first = await rename(agent, page, 'Twice', 'acme');
  const again = await rename(agent, page, 'Twice', 'acme');
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.html).toContain('is called Twice now');
  await rename(agent, again, 'Acme', 'acme');
});

describe('what is chosen with a preview', () => {
  const settings = '/organizations/acme/settings';
  const stored = async () => {
    const sql = statement(`select base_role, application_policy, guards_production, max_entry_days
      from organizations where slug = 'acme'`);
    return (await server.database.db.query<Record<string, unknown>>(sql))[0];
  };
  const confirm = (page: Page) => agent.submit(page, (fields) => fields, '/settings/');

  test('the base role: what it takes, from whom, saved by the second step alone, and undone', async () => {
    const page = await agent.get(`${settings}/base-role?value=none`);
    expect(page.html).toContain('Takes');
    expect(page.html).toContain('5 people'); // the administrator keeps everything
    expect(await stored()).toMatchObject({ base_role: 'member' });
    const done = await confirm(page);
    expect(done.html).toContain('The base role is No access now');
    expect(await stored()).toMatchObject({ base_role: 'none' });
    const gives = await agent.get(`${settings}/base-role?value=reader`);
    expect([gives.html.includes('Gives'), gives.html.includes('Takes')]).toEqual([true, false]);
    await confirm(done);
    expect(await stored()).toMatchObject({ base_role: 'member' });
  });

  test('a preview that is out of date by now saves nothing, and shows what is', async () => {
    const [one, two] = [
      await agent.get(`${settings}/base-role?value=none`),
      await agent.get(`${settings}/base-role?value=reader`),
    ];
    const first = await confirm(one);
    const second = await confirm(two);
    expect(second.html).toContain('Look again at what your choice changes now');
    expect(second.html).toContain('Gives');
    expect(await stored()).toMatchObject({ base_role: 'none' });
    await confirm(first);
  });

  test('the policy: which applications lose what', async () => {
    await consentTo(server, demoApp, 'member@acme.test', 'database:read_database', ['acme/shop']);
    const own = await agent.get(`${settings}/application-policy?value=approved`);
    expect(own.html).toContain('Nothing that anybody has now'); // it is the organization's own
    const vault = statement('update clients set owner_organization_id = null where id = $1');
    await server.database.db.query(vault, [demoApp.id]);
    const approved = await agent.get(`${settings}/application-policy?value=approved`);
    expect(approved.html).toContain('Demo App: everything that it was allowed here');
    expect(approved.html).toContain('1 person uses these.');
    const keepOut = statement(`
      insert into application_shut_outs (organization_id, client_id, ended_members, ended_entries)
      select id, $1, 0, 0 from organizations where slug = 'acme'`);
    await server.database.db.query(keepOut, [demoApp.id]);
    const out = await agent.get(`${settings}/application-policy?value=approved`);
    expect(out.html).not.toContain('Demo App: everything'); // it has nothing to lose
    await server.database.db.query(statement('delete from application_shut_outs'));
    const done = await confirm(approved);
    expect(await stored()).toMatchObject({ application_policy: 'approval_required' });
    await confirm(done);
    expect(await stored()).toMatchObject({ application_policy: 'open' });
  });

  test('the policy: all applications are counted, the first hundred by name', async () => {
    const make = statement(`
      with made as (
        insert into clients (id, name, auth_method, redirect_uris, scope)
        select 'many-' || n, 'Many ' || lpad(n::text, 3, '0'), 'none', '{}', 'database:read_database'
          from generate_series(1, 105) n returning id),
      given as (
        insert into consents (id, account_id, client_id, version, asked_scope, given_scope)
        select gen_random_uuid(), a.id, m.id, 1, 'database:read_database', 'database:read_database'
          from made m, accounts a where a.email = 'member@acme.test' returning id, account_id)
      insert into consent_entries
        (id, consent_id, account_id, level, organization_id, database_id, scope, version)
      select gen_random_uuid(), g.id, g.account_id, 'database', d.organization_id, d.id,
             'database:read_database', 1
        from given g, databases d join organizations o on o.id = d.organization_id
       where o.slug = 'acme' and d.slug = 'shop'`);
    await server.database.db.query(make);
    const { html } = await agent.get(`${settings}/application-policy?value=approved`);
    expect(html).toContain('Many 001: everything');
    expect(html).toMatch(/and \d+ more/);
    await server.database.db.query(statement("delete from consents where client_id like 'many-%'"));
    await server.database.db.query(statement("delete from clients where id like 'many-%'"));
  });

  test('the longest consent: what rests by it, and wakes again', async () => {
    const age = "update consent_entries set consented_at = now() - interval '40 days'";
    await server.database.db.query(statement(age));
    const rests = await agent.get(`${settings}/consent-time?value=30`);
    expect(rests.html).toContain('1 permission of 1 app, until allowed again');
    await confirm(rests);
    expect(await stored()).toMatchObject({ max_entry_days: 30 });
    const wakes = await agent.get(`${settings}/consent-time?value=90`);
    expect(wakes.html).toContain('1 permission of 1 app, allowed before');
    await confirm(await agent.get(`${settings}/consent-time?value=`));
    expect(await stored()).toMatchObject({ max_entry_days: null });
  });

  test('when unused access ends: whose it is now', async () => {
    const run = (sql: string) => server.database.db.query(statement(sql));
    await run(`update organizations set uses_counted_from = current_date - 100`);
    await run(`update consent_entries set consented_at = now() - interval '40 days'`);
    const months = await agent.get(`${settings}/unused-time?value=90`);
    expect(months.html).toContain('Nothing that anybody has now');
    const month = await agent.get(`${settings}/unused-time?value=30`);
    expect(month.html).toContain('1 person has unused access as of today.');
    const done = await confirm(month);
    expect(done.html).toContain('Unused access ends after: 30 days.');
    const sql = statement(`select max_idle_days from organizations where slug = 'acme'`);
    expect(await server.database.db.query(sql)).toEqual([{ max_idle_days: 30 }]);
    await confirm(await agent.get(`${settings}/unused-time?value=`));
    expect(await server.database.db.query(sql)).toEqual([{ max_idle_days: null }]);
  });

  test('a value that is none is not shown as chosen, and not saved', async () => {
    const page = await agent.get(`${settings}/base-role?value=organization_admin`);
    expect([page.status, page.html.includes('id="effects"')]).toEqual([200, false]);
    const good = await agent.get(`${settings}/base-role?value=none`);
    const turned = { ...good, html: good.html.replaceAll('value="none"', 'value="everything"') };
    expect((await confirm(turned)).status).toBe(422);
  });
});
