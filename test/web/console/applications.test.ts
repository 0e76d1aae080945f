/** The applications of an organization, looked after by its administrator at a browser without JavaScript. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../../../src/storage/engine/database.ts';
import { makeApplication, makeConsent } from '../../organizations/world.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let agent: UserAgent;
let organizationId: string;
const accounts = new Map<string, string>();

beforeAll(async () => {
  server = await startTestServer();
  agent = createUserAgent(server.issuer);
  await signInFor(agent, `${server.issuer}/sign-in`, 'admin@acme.test');
  const [row] = await run<{ id: string }>(`select id from organizations where slug = 'acme'`);
  organizationId = row?.id ?? '';
  const people = await run<{ id: string; email: string }>('select id, email from accounts');
  for (const { id, email } of people) accounts.set(email, id);
});
afterAll(() => server.close());

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  server.database.db.query<Row>(statement(sql), values);

/** An application that so many people of the demo let read the organization. */
async function application(name: string, ...emails: string[]): Promise<string> {
  const { db } = server.database;
  const id = await makeApplication(db, `app-${name.toLowerCase().replaceAll(' ', '-')}`);
  await run('update clients set name = $1 where id = $2', name, id);
  for (const email of emails) await makeConsent(db, accounts.get(email) ?? '', id, organizationId);
  return id;
}

const page = (path = '') => agent.get(`/organizations/acme/applications${path}`);

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
  const done = await agent.submit(one, (fields) => fields, '/shut-out');
  expect(done.status).toBe(200);
  expect(done.html).toContain('Leaky is shut out. Ended what 1 person had allowed.');
  expect(done.html).not.toContain('member@acme.test');
  const again = await agent.submit(one, (fields) => fields, '/shut-out');
  expect(again.html).toContain('Leaky is shut out. Ended what 1 person had allowed.');
  expect((await page()).html).toContain('These apps get nothing here');
  const lifted = await agent.submit(done, (fields) => fields, '/lift');
  expect(lifted.html).toContain('Nothing that ended has come back.');
  expect(lifted.html).not.toContain('member@acme.test');
  const entries = `select from consent_entries e join consents n on n.id = e.consent_id
    where n.client_id = $1`;
  expect(await run(entries, id)).toEqual([]);
});

test('an application that nobody let in yet is opened by its client id', async () => {
  const id = await application('Unused');
  const form = await page();
  const opened = await agent.get(`/organizations/acme/applications?client_id=${id}`);
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
  await makeConsent(db, accounts.get('member@acme.test') ?? '', id, organizationId);
  const list = await page();
  const href = /href="([^"]*a%2Fb[^"]*)"/.exec(list.html)?.[1] ?? '';
  const one = await agent.get(href);
  expect([one.status, one.html.includes('member@acme.test')]).toEqual([200, true]);
  const done = await agent.submit(one, (fields) => fields, '/shut-out');
  expect(done.html).toContain('is shut out');
});

test('a long list goes on page by page', async () => {
  for (let n = 10; n < 65; n++) await application(`Many ${n}`, 'member@acme.test');
  const first = await page();
  const next = /rel="next" href="([^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await agent.get(next);
  const names = (html: string) => html.match(/Open Many \d+/g) ?? [];
  const all = [...names(first.html), ...names(second.html)];
  expect([names(first.html).length > 40, new Set(all).size, all.length]).toEqual([true, 55, 55]);
});
