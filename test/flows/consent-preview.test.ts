/** A developer looks at the consent page as people with each role see it; nothing comes of it. */

import { beforeAll, expect, test } from 'vitest';
import { databaseRoles, organizationRoles } from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import type { Page } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(async () => (await newDeveloper(server)).agent);
const app = forAllTests(() => registerOwnApp(agent));
beforeAll(async () => {
  const ask = statement('update clients set scope = $2 where id = $1');
  await server.database.db.query(ask, [app.id, asked.join(' ')]);
});

const asked = [
  'organization:delete_organization',
  'database:read_database',
  'database:delete_database',
];
const preview = (role: string, { id } = app) => agent.get(`${ownApps}/${id}/preview?role=${role}`);

/** What the page offers and refuses, by scope. */
const offered = ({ html }: Page) =>
  Array.from(
    html.matchAll(/name="scope" id="[^"]*" value="([^"]+)"[^>]*?( disabled)?>/g),
    (hit) => [hit[1], hit[2] === undefined],
  );

/** How many rows every table has. */
async function rows(): Promise<unknown> {
  const { db } = server.database;
  const tables = await db.query<{ name: string }>(
    statement(`select table_name as name from information_schema.tables
                where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`),
  );
  const counted = tables
    .filter(({ name }) => name !== 'attempt_counters')
    .map(({ name }) => `select '${name}' as name, count(*)::int as count from "${name}"`);
  return db.query(statement(counted.join(' union all ')));
}

test('each role sees its own page; nothing is stored, and nothing on it can be sent', async () => {
  await preview(organizationRoles[0] ?? '');
  const before = await rows();
  const seen = new Map<string, ReturnType<typeof offered>>();
  for (const role of [...organizationRoles, ...databaseRoles]) {
    const page = await preview(role);
    expect([role, page.status]).toEqual([role, 200]);
    expect(page.html).toContain('Lookout asks for access');
    expect(page.html).toContain('Not verified');
    expect(page.html).not.toMatch(/method="post"[^>]*(?:preview|interaction)/);
    expect(page.html).not.toContain('name="token"');
    expect(page.html).not.toContain('consent.js');
    expect(page.html).not.toContain('@usher.invalid');
    seen.set(role, offered(page));
  }
  expect(await rows()).toEqual(before);
  const [member, administrator] = organizationRoles.map((role) => seen.get(role));
  expect(administrator?.toSorted()).toEqual(asked.toSorted().map((scope) => [scope, true]));
  expect(member).not.toEqual(administrator);
  const [reader] = databaseRoles.map((role) => seen.get(role));
  expect(reader).toContainEqual(['database:read_database', true]);
  expect(reader).toContainEqual(['database:delete_database', false]);
});

test('it is the page that somebody with the role sees', async () => {
  const person = await signedInAs(server, stage.administrator);
  const real = await person.get(authorizationRequest(server, app, asked.join(' ')).url);
  expect(real.html).toContain('Lookout asks for access');
  const [, administrator = ''] = organizationRoles;
  expect(offered(await preview(administrator))).toEqual(offered(real));
});

test('nobody else sees it, and there is none of a role that is none', async () => {
  expect((await preview('nobody')).status).toBe(404);
  const { agent: stranger } = await newDeveloper(server);
  expect((await stranger.get(`${ownApps}/${app.id}/preview`)).status).toBe(404);
  const sent = await fetch(`${server.issuer}${ownApps}/${app.id}/preview`, { method: 'POST' });
  expect(sent.status).toBeOneOf([404, 405]);
});

test('one that asks for nothing but who somebody is says so', async () => {
  const page = await preview(organizationRoles[0] ?? '', await registerOwnApp(agent));
  expect(page.html).toContain('Lookout asks for access');
  expect(offered(page)).toEqual([]);
});
