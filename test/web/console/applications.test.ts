/** The applications of an organization, looked after by its administrator at a browser without JavaScript. */

import { expect, test } from 'vitest';
import { statement } from '../../../src/storage/engine/database.ts';
import { makeApplication, makeConsent } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { openAcme } from './console-people.ts';

const server = forAllTests(startTestServer);
const acme = forAllTests(() => openAcme(server));

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  server.database.db.query<Row>(statement(sql), values);

/** An application that so many people of the demo let read the organization. */
async function application(name: string, ...emails: string[]): Promise<string> {
  const { db } = server.database;
  const id = await makeApplication(db, `app-${name.toLowerCase().replaceAll(' ', '-')}`);
  await run('update clients set name = $1 where id = $2', name, id);
  for (const email of emails)
    await makeConsent(db, acme.accounts.get(email) ?? '', id, acme.organizationId);
  return id;
}

const page = (path = '') => acme.agent.get(`/organizations/acme/applications${path}`);

test('who has access is listed, with who allowed it what', async () => {
  const id = await application('Tables', 'member@acme.test', 'dba@acme.test');
  const list = await page();
  expect(list.html).toContain('Tables');
  expect(list.html).toContain('Allowed by 2 people');
  const one = await page(`/${id}`);
  expect(one.status).toBe(200);
  expect(one.html).toContain('member@acme.test');
  expect(one.html).toContain('dba@acme.test');
  expect(one.html).not.toContain('vault');
});

test('one is shut out and let in again, and what ended is said', async () => {
  const id = await application('Leaky', 'member@acme.test');
  const one = await page(`/${id}`);
  const done = await acme.agent.submit(one, (fields) => fields, '/shut-out');
  expect(done.status).toBe(200);
  expect(done.html).toContain('Leaky is shut out. Ended what 1 person had allowed.');
  expect(done.html).not.toContain('member@acme.test');
  const again = await acme.agent.submit(one, (fields) => fields, '/shut-out');
  expect(again.html).toContain('Leaky is shut out. Ended what 1 person had allowed.');
  expect((await page()).html).toContain('These apps get nothing here');
  const lifted = await acme.agent.submit(done, (fields) => fields, '/lift');
  expect(lifted.html).toContain('Nothing that ended has come back.');
  expect(lifted.html).not.toContain('member@acme.test');
  const entries = `select from consent_entries e join consents n on n.id = e.consent_id
    where n.client_id = $1`;
  expect(await run(entries, id)).toEqual([]);
});

test('what it does not use is reviewed, and ended as it was shown', async () => {
  const id = await application('Idle', 'member@acme.test');
  const of = [id, acme.organizationId];
  await run(
    `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id, scope, version)
     select gen_random_uuid(), n.id, n.account_id, 'database', d.organization_id, d.id, 'database:read_database', 1
       from consents n, databases d where n.client_id = $1 and d.organization_id = $2`,
    ...of,
  );
  const before = await page(`/${id}`);
  expect(before.html).toContain('Which permissions is unknown');
  expect(before.html).not.toContain('Review unused access');
  expect((await page(`/${id}/unused`)).html).toContain('There is nothing to remove');
  const use = (column: string) =>
    run(
      `insert into application_uses (consent_id, organization_id, database_id, resource_id, day, uses)
       select n.id, d.organization_id, d.id, d.id, current_date, 1
         from consents n, databases d where n.client_id = $1 and d.organization_id = $2 and d.slug = $3`,
      ...of,
      column,
    );
  await use('shop');
  const review = await page(`/${id}/unused`);
  expect(review.html).toContain('acme/analytics');
  expect(review.html).not.toContain('acme/shop');
  await use('analytics');
  const outdated = await acme.agent.submit(review, (fields) => fields, '/unused');
  expect([outdated.status, outdated.html.includes('has changed while you had this open')]).toEqual([
    409,
    true,
  ]);
  await run(
    'delete from application_uses where resource_id in (select id from databases where slug = $1)',
    'analytics',
  );
  const done = await acme.agent.submit(review, (fields) => fields, '/unused');
  expect(done.status).toBe(200);
  expect(done.html).toMatch(
    /Removed what Idle didn’t use: \d resources? and 0 permissions, of 1 person/,
  );
  expect(done.html).not.toContain('Review unused access');
});

test('an application that nobody let in yet is opened by its client id', async () => {
  const id = await application('Unused');
  const form = await page();
  const opened = await acme.agent.get(`/organizations/acme/applications?client_id=${id}`);
  expect([opened.status, new URL(opened.url).pathname]).toEqual([
    200,
    `/organizations/acme/applications/${id}`,
  ]);
  expect(form.html).toContain('name="client_id"');
  const unknown = await page('?client_id=nothing-like-it');
  expect(unknown.html).toContain('There is no app with this client ID');
  expect((await page('/nothing-like-it')).status).toBe(404);
  expect((await page('/demo-api')).status).toBe(404); // it asks nobody for anything
});

test('an id with every sign that it may have is opened', async () => {
  const { db } = server.database;
  const id = await makeApplication(db, 'a/b?c=%d&e"<f>');
  await makeConsent(db, acme.accounts.get('member@acme.test') ?? '', id, acme.organizationId);
  const list = await page();
  const href = /href="([^"]*a%2Fb[^"]*)"/.exec(list.html)?.[1] ?? '';
  const one = await acme.agent.get(href);
  expect([one.status, one.html.includes('member@acme.test')]).toEqual([200, true]);
  const done = await acme.agent.submit(one, (fields) => fields, '/shut-out');
  expect(done.html).toContain('is shut out');
});

test('a long list goes on page by page', async () => {
  for (let n = 10; n < 65; n++) await application(`Many ${n}`, 'member@acme.test');
  const first = await page();
  const next = /rel="next" href="([^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await acme.agent.get(next);
  const names = (html: string) => html.match(/Open Many \d+/g) ?? [];
  const all = [...names(first.html), ...names(second.html)];
  expect([names(first.html).length > 40, new Set(all).size, all.length]).toEqual([true, 55, 55]);
});
