/** The applications of an organization in every state that an administrator can see them in. */

import { statement } from '../../src/storage/engine/database.ts';
import { makeApplication, makeConsent } from '../organizations/world.ts';
import type { TestServer } from '../support/server.ts';
import { type Open, type PageState, signedIn, submit } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, member, place } = stage;
const [slug = ''] = place.split('/');
const base = `/organizations/${slug}/applications`;

/** An application that the administrator and a member let in. */
async function used(server: TestServer): Promise<string> {
  const { db } = server.database;
  const id = await makeApplication(db);
  const set = `update clients set name = 'Demo App', is_verified = $2 where id = $1`;
  await db.query(statement(set), [id, false]);
  const sql =
    statement(`select a.id as account, o.id as organization from accounts a, organizations o
    where a.email = any($1::text[]) and o.slug = $2`);
  const people = await db.query<{ account: string; organization: string }>(sql, [
    [administrator, member],
    slug,
  ]);
  for (const { account, organization } of people) await makeConsent(db, account, id, organization);
  return id;
}

const opened =
  (pathOf: (id: string) => string = () => ''): Open =>
  async (page, server) =>
    signedIn(base + pathOf(await used(server)), administrator)(page, server);

const one = opened((id) => `/${id}`);

/** It used one database of two, and of what it may do there a part. */
async function unused(server: TestServer): Promise<string> {
  const id = await used(server);
  const run = (sql: string) => server.database.db.query(statement(sql), [id, slug]);
  await run(`
    insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id, scope,
                                 version)
    select gen_random_uuid(), n.id, n.account_id, 'database', d.organization_id, d.id,
           'database:read_database database:delete_database', 1
      from consents n, databases d join organizations o on o.id = d.organization_id
     where n.client_id = $1 and o.slug = $2 and exists (select from organization_members m
       where m.organization_id = o.id and m.account_id = n.account_id)`);
  await run(`delete from consent_entries e using consents n
    where n.id = e.consent_id and n.client_id = $1 and e.level = 'organization' and $2 <> ''`);
  await run(`
    insert into application_uses (consent_id, organization_id, database_id, resource_id, day, uses)
    select n.id, d.organization_id, d.id, d.id, current_date, 1
      from consents n, databases d join organizations o on o.id = d.organization_id
     where n.client_id = $1 and o.slug = $2 order by d.slug limit 1`);
  await run(`
    insert into application_scope_uses (consent_id, organization_id, scope, last_day)
    select n.id, o.id, 'database:read_database', current_date from consents n, organizations o
     where n.client_id = $1 and o.slug = $2`);
  await run(`
    insert into consent_last_uses (consent_id, organization_id, last_day)
    select n.id, o.id, current_date from consents n, organizations o
     where n.client_id = $1 and o.slug = $2`);
  return id;
}

const openedUnused =
  (path = ''): Open =>
  async (page, server) =>
    signedIn(`${base}/${await unused(server)}${path}`, administrator)(page, server);

const endedUnused: Open = async (page, server) => {
  await openedUnused('/unused')(page, server);
  await submit(page, '/unused', {});
};

const outdatedUnused: Open = async (page, server) => {
  await openedUnused('/unused')(page, server);
  await server.database.db.query(statement('delete from application_scope_uses'));
  await submit(page, '/unused', {});
};

const nothingUnused: Open = async (page, server) =>
  signedIn(`${base}/${await used(server)}/unused`, administrator)(page, server);

const shutOut: Open = async (page, server) => {
  await one(page, server);
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  await submit(page, '/shut-out', {});
};

const listedShutOut: Open = async (page, server) => {
  await shutOut(page, server);
  await page.goto(server.issuer + base);
};

const withPolicy =
  (policy: string, open: Open): Open =>
  async (page, server) => {
    const set = statement('update organizations set application_policy = $1 where slug = $2');
    await server.database.db.query(set, [policy, slug]);
    await open(page, server);
    await server.database.db.query(set, ['open', slug]);
  };

/** An application that a member asks for, registered for some scopes. */
async function asked(server: TestServer): Promise<string> {
  const { db } = server.database;
  const id = await makeApplication(db);
  const set = `update clients set name = 'Demo App', scope = $2 where id = $1`;
  await db.query(statement(set), [id, Object.values(stage.scopes).join(' ')]);
  const request = statement(`
    insert into approval_requests (organization_id, client_id, account_id, reason)
    select o.id, $1, a.id, 'Demo App' from accounts a, organizations o
     where a.email = any($2::text[]) and o.slug = $3`);
  await db.query(request, [id, [administrator, member], slug]);
  return id;
}

const openedAsked: Open = async (page, server) =>
  signedIn(`${base}/${await asked(server)}`, administrator)(page, server);

const queue: Open = async (page, server) => {
  await asked(server);
  await signedIn(`${base}/requests`, administrator)(page, server);
};

const emptyQueue: Open = async (page, server) => {
  await server.database.db.query(statement('delete from approval_requests'));
  await signedIn(`${base}/requests`, administrator)(page, server);
};

const answering =
  (form: string, before = ''): Open =>
  async (page, server) => {
    await openedAsked(page, server);
    await page.evaluate(`${before}
      for (const one of document.querySelectorAll('details')) one.open = true`);
    await submit(page, form, {});
  };

const untick = `for (const box of document.querySelectorAll('[name="scope"]')) box.checked = false;`;

const declinedBadly: Open = async (page, server) => {
  await openedAsked(page, server);
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true;
    document.querySelector('form[action$="/decline"] textarea').value = '\\u200b'`);
  await submit(page, '/decline', {});
};

export const consoleApplicationStates: readonly PageState[] = [
  { name: 'console, apps with access', open: opened() },
  { name: 'console, an unknown app', open: opened(() => '?client_id=nothing') },
  { name: 'console, an app', open: one },
  { name: 'console, an app with unused access', open: openedUnused() },
  { name: 'console, unused access', open: openedUnused('/unused') },
  { name: 'console, unused access ended', open: endedUnused },
  { name: 'console, unused access that changed', open: outdatedUnused },
  { name: 'console, no unused access', open: nothingUnused },
  { name: 'console, an app that waits', open: withPolicy('verified_only', one) },
  { name: 'console, an app shut out', open: shutOut },
  { name: 'console, apps shut out', open: listedShutOut },
  { name: 'console, requests', open: queue },
  { name: 'console, no requests', open: emptyQueue },
  { name: 'console, an app asked for', open: withPolicy('approval_required', openedAsked) },
  {
    name: 'console, an app approved',
    open: withPolicy('approval_required', answering('/approve')),
  },
  { name: 'console, an app approved for nothing', open: answering('/approve', untick) },
  { name: 'console, an app declined', open: answering('/decline') },
  { name: 'console, an app declined badly', open: declinedBadly },
];
