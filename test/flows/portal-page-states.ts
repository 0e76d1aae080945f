/** The pages about a developer's application in every state, and how to get there. */

import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Page } from 'playwright-core';
import { databaseRoles } from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  authorizationRequest,
  demoApi,
  introspectAs,
  obtainCode,
  redeem,
  type TestClient,
} from '../support/oauth.ts';
import { picture, svg } from '../support/pictures.ts';
import type { TestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

/** Opens a page of a new application with a home page, whose domain is proved or not. */
const ofHomePage =
  (isProved: boolean, pathOf = (_server: TestServer, { id }: TestClient) => `${ownApps}/${id}`) =>
  async (page: Page, server: TestServer): Promise<void> => {
    const { agent } = await newDeveloper(server);
    const app = await registerOwnApp(agent, { home_page: 'https://lookout.example/' });
    const prove = statement(
      `insert into client_proved_hosts values ($1, 'lookout.example', now())`,
    );
    if (isProved) await server.database.db.query(prove, [app.id]);
    const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
    await page.context().addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
    await page.goto(new URL(pathOf(server, app), server.issuer).href);
  };

/** Opens a page of a new application, after `before` has happened to it. */
const ofNewApp =
  (path: string, before: (server: TestServer, app: TestClient) => Promise<void> = async () => {}) =>
  async (page: Page, server: TestServer): Promise<void> => {
    const { agent } = await newDeveloper(server);
    const app = await registerOwnApp(agent);
    await before(server, app);
    const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
    await page.context().addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
    await page.goto(`${server.issuer}${ownApps}/${app.id}${path}`);
  };

/** Opens a page of a new application with a logo. */
const withLogo =
  (pathOf: (app: TestClient) => string) =>
  async (page: Page, server: TestServer): Promise<void> => {
    const app = await newAppIn(page, server);
    await chooseLogo(page, await picture());
    await page.locator('#logo img').waitFor();
    await page.goto(server.issuer + pathOf(app));
  };

const servers = `/organizations/${stage.place.split('/')[0]}/applications/own/resource-servers`;

/** No address is registered twice. */
let registered = 0;

/** Opens a page about the resource servers of an organization, of which there is one unless it is new. */
const ofServer =
  (which: 'new' | 'view' | 'list') =>
  async (page: Page, server: TestServer): Promise<void> => {
    const agent = await signedInAs(server, stage.administrator);
    const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
    await page.context().addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
    await page.goto(`${server.issuer}${servers}/new`);
    if (which === 'new') return;
    await page.locator('#name').fill('Lookout');
    await page
      .locator('#audience')
      .fill(`https://depot${++registered}.example/a/rather/long/address/of/an/api/mcp`);
    await page.locator('form.own-app button.button').last().click();
    await page.locator('main a.button').click();
    if (which === 'list') await page.goto(server.issuer + servers.replace('/resource-servers', ''));
  };

async function refusedServer(page: Page, server: TestServer): Promise<void> {
  await ofServer('new')(page, server);
  await page.locator('#name').fill('Lookout');
  await page.locator('#audience').fill('http://depot.example/');
  await page.locator('form.own-app button.button').last().click();
  await page.locator('#audience-error').waitFor();
}

/** Opens the form of one that asks for a part of what it accepts, after somebody else did what `meanwhile` says. */
const ofDefaults =
  (meanwhile: string, [isAccepted, isDefault] = [true, true]) =>
  async (page: Page, server: TestServer): Promise<void> => {
    await ofServer('view')(page, server);
    await page.waitForURL(/\/rs_[0-9a-f]{32}$/);
    const id = page.url().split('/').at(-1) ?? '';
    await server.database.db.query(
      statement('update clients set accepted_scope = $2, default_scope = $3 where id = $1'),
      [id, stage.reading.join(' '), stage.reading[0] ?? ''],
    );
    await page.goto(`${server.issuer}${servers}/${id}/edit`);
    if (meanwhile !== '') await server.database.db.query(statement(meanwhile), [id]);
    const [first = '', second = ''] = stage.reading;
    await page.locator(`[name=scope][value="${first}"]`).setChecked(isAccepted);
    await page.locator(`[name=default][value="${second}"]`).setChecked(isDefault);
    await page.locator('form.own-app button.button').last().click();
    await page.locator('main .notice').first().waitFor();
  };

/** What somebody with a role on one database sees, who cannot give all that is asked. */
async function preview(page: Page, server: TestServer): Promise<void> {
  const { agent } = await newDeveloper(server);
  const scopes = [
    'database:read_database',
    'branch:connect_production',
    'database:delete_database',
  ];
  const app = await registerOwnApp(agent);
  const ask = statement('update clients set scope = $2 where id = $1');
  await server.database.db.query(ask, [app.id, scopes.join(' ')]);
  const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
  await page.context().addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
  await page.goto(`${server.issuer}${ownApps}/${app.id}/preview?role=${databaseRoles[0]}`);
}

async function refusedLogo(page: Page, server: TestServer): Promise<void> {
  await newAppIn(page, server);
  await chooseLogo(page, svg);
  await page.locator('#logo-file-error').waitFor();
}

/** @returns a new application, whose page is open. */
async function newAppIn(page: Page, server: TestServer): Promise<TestClient> {
  const { agent } = await newDeveloper(server);
  const app = await registerOwnApp(agent);
  const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
  await page.context().addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
  await page.goto(`${server.issuer}${ownApps}/${app.id}`);
  return app;
}

async function chooseLogo(page: Page, buffer: Buffer): Promise<void> {
  const file = { name: 'logo.png', mimeType: 'image/png', buffer };
  await page.locator('#logo-file').setInputFiles(file);
  await page.locator('#logo form button').first().click();
}

async function askWrongly(server: TestServer, app: TestClient): Promise<void> {
  const wrong = { ...app, redirectUri: `https://lookout.example/${'deep/'.repeat(20)}callback` };
  await createUserAgent(server.issuer).get(authorizationRequest(server, wrong, 'openid').url);
}

async function live(server: TestServer, app: TestClient): Promise<void> {
  await askWrongly(server, app);
  const { code, verifier } = await obtainCode(server, app, stage.member, 'openid');
  await redeem(server, { ...app, secret: 'wrong' }, code, verifier);
  await redeem(server, app, code, 'x'.repeat(43));
  const { body } = await redeem(server, app, code, verifier);
  await introspectAs(server, demoApi, body.access_token, 'organizations/acme');
}

/** Proves itself by two keys; both forms of the page are open. */
async function byKeys(page: Page, server: TestServer): Promise<void> {
  await ofNewApp('')(page, server);
  await page.locator('#proof summary').first().click();
  const ec = { ...(await publicKeyOf('ES256')), kid: '2026-11' };
  const rsa = {
    ...(await publicKeyOf('RS256')),
    kid: 'a-key-whose-name-is-as-long-as-one-may-be-'.padEnd(64, 'x'),
  };
  await page.locator('#jwks').fill(JSON.stringify({ keys: [ec, rsa] }));
  await page.locator('#proof form button').first().click();
  await page.locator('#proof .items').waitFor();
  await page.evaluate(
    `for (const one of document.querySelectorAll('#proof details')) one.open = true`,
  );
}

async function publicKeyOf(alg: string): Promise<JWK> {
  return exportJWK((await generateKeyPair(alg)).publicKey);
}

export const portalPageStates = [
  {
    name: 'errors',
    open: (page: Page, { issuer }: TestServer) => page.goto(`${issuer}/errors#redirect-uri`),
  },
  { name: 'own application, activity, none', open: ofNewApp('/activity') },
  { name: 'own application, activity', open: ofNewApp('/activity', live) },
  { name: 'own application, by keys', open: byKeys },
  { name: 'own application, domain to prove', open: ofHomePage(false) },
  { name: 'own application, domain proved', open: ofHomePage(true) },
  {
    name: 'consent, domain proved',
    open: ofHomePage(true, (server, app) => authorizationRequest(server, app, 'openid').url),
  },
  { name: 'own application, with a logo', open: withLogo(({ id }) => `${ownApps}/${id}`) },
  { name: 'own applications, with logos', open: withLogo(() => ownApps) },
  { name: 'own application, no logo of this file', open: refusedLogo },
  { name: 'resource server, new', open: ofServer('new') },
  { name: 'resource server, refused', open: refusedServer },
  { name: 'resource server', open: ofServer('view') },
  { name: 'resource server, with defaults', open: ofDefaults('', [true, false]) },
  { name: 'resource server, defaults refused', open: ofDefaults('', [false, true]) },
  {
    name: 'resource server, changed meanwhile',
    open: ofDefaults(
      `update clients set default_scope = null, requires_resource = true where id = $1`,
    ),
  },
  { name: 'organization’s own, resource servers', open: ofServer('list') },
  { name: 'own application, preview of the consent page', open: preview },
  { name: 'own application, with a mistake', open: ofNewApp('', askWrongly) },
];
