/** A developer proves the domain of the home page, and whom the application asks sees it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { isNameServer } from '../../src/fetching/text-records.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { authorizationRequest, type TestClient } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

let names: NameServer;
let server: TestServer;
let agent: UserAgent;
beforeAll(async () => {
  names = await startNameServer();
  server = await startTestServer({ DNS_SERVERS: names.address });
  ({ agent } = await newDeveloper(server));
});
afterAll(async () => {
  names.close();
  await server.close();
});

let apps = 0;
/** An application with a home page on a host of its own. */
async function newApp(): Promise<TestClient & { readonly host: string }> {
  const host = `app${++apps}.example`;
  const app = await registerOwnApp(agent, { name: `Tower ${apps}`, home_page: `https://${host}/` });
  return { ...app, host };
}

const view = ({ id }: TestClient) => agent.get(`${ownApps}/${id}`);
const recordIn = ({ html }: Page) => /usher-verification=[\w-]+/.exec(html)?.[0] ?? '';
const check = async (app: TestClient) =>
  agent.submit(await view(app), (fields) => fields, '/domain');
const isProved = async (app: TestClient) => (await view(app)).html.includes('Proved');

/** Publishes the right record, and checks it. */
async function prove(app: TestClient & { readonly host: string }): Promise<Page> {
  names.records.set(`_usher.${app.host}`, ['v=spf1 -all', recordIn(await view(app))]);
  return check(app);
}

async function askedPage(app: TestClient): Promise<Page> {
  const person = await signedInAs(server, stage.member);
  return person.get(authorizationRequest(server, app, 'openid').url);
}

test('the record proves the domain, which is told in the trail and at consent', async () => {
  const app = await newApp();
  expect((await askedPage(app)).html).not.toContain('has proved');
  const page = await prove(app);
  expect(page.html).toContain('The domain is proved');
  expect(await isProved(app)).toBe(true);
  const shown = await askedPage(app);
  expect(shown.html).toContain(`has proved that <strong>${app.host}</strong> is theirs`);
  expect(shown.html).toContain('Not verified'); // a domain is not a name that somebody looked at
  const trail = statement(
    `select before, after from audit_events where subject = $1 and action = 'application.updated'`,
  );
  expect(await server.database.db.query(trail, [app.id])).toEqual([
    { before: { proved_host: null }, after: { proved_host: app.host } },
  ]);
});

test('no record, another application’s, and hidden text prove nothing, and are told', async () => {
  const [app, other] = [await newApp(), await newApp()];
  const absent = await check(app);
  expect([absent.status, absent.html.includes('no TXT record of this name')]).toEqual([422, true]);
  const foreign = recordIn(await view(other));
  names.records.set(`_usher.${app.host}`, [foreign, 'a\u202e<b>', 'x'.repeat(600)]);
  const page = await check(app);
  expect(page.status).toBe(422);
  expect(page.html).toContain(`<code>${foreign}</code>`);
  expect(page.html).toContain('a???&lt;b&gt;');
  expect(page.html).toContain(`${'x'.repeat(120)}…`);
  expect(await isProved(app)).toBe(false);
});

test('name servers that hang or fail are told of, and change nothing', async () => {
  const app = await newApp();
  for (const how of ['hang', 'fail'] as const) {
    names.records.set(`_usher.${app.host}`, how);
    const page = await check(app);
    expect([page.status, page.html.includes('didn’t answer in time')]).toEqual([503, true]);
    expect(recordIn(page)).toBe(recordIn(await view(app)));
  }
  expect((await prove(app)).html).toContain('The domain is proved');
});

test('the proof ends when the home page moves, and does not come back with it', async () => {
  const app = await newApp();
  await prove(app);
  const move = async (home: string) =>
    agent.submit(
      await agent.get(`${ownApps}/${app.id}/edit`),
      (fields) => fill(fill(fields, 'home_page', home), 'action', 'save'),
      '/edit',
    );
  await move(`https://${app.host}/start`);
  expect(await isProved(app)).toBe(true);
  await move('https://elsewhere.example/');
  expect(await isProved(app)).toBe(false);
  await move(`https://${app.host}/`);
  expect(await isProved(app)).toBe(false);
  expect((await askedPage(app)).html).not.toContain('has proved');
});

test('somebody else checks nothing, and looks nothing up without end', async () => {
  const app = await newApp();
  const page = await view(app);
  const { agent: stranger } = await newDeveloper(server);
  expect((await stranger.submit(page, (fields) => fields, '/domain')).status).toBe(403);
  for (let n = 0; n < 30; n++) await agent.submit(page, (fields) => fields, '/domain');
  expect((await check(app)).status).toBe(429);
});

test('without a home page there is nothing to prove', async () => {
  const page = await view(await registerOwnApp(agent, { name: 'Homeless' }));
  expect(page.html).toContain('Give the app a home page first');
  expect(page.html).not.toContain('usher-verification');
});

test.each([
  ['192.0.2.1', true],
  ['192.0.2.1:53', true],
  ['2001:db8::1', true],
  ['[2001:db8::1]:53', true],
  ['dns.example', false],
  ['192.0.2.1:x', false],
  ['', false],
])('%j is a name server: %s', (text, is) => expect(isNameServer(text)).toBe(is));
