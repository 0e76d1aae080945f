/** The pages about a developer's application in every state, and how to get there. */

import type { Page } from 'playwright-core';
import {
  authorizationRequest,
  demoApi,
  introspectAs,
  obtainCode,
  redeem,
  type TestClient,
} from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

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

export const portalPageStates = [
  {
    name: 'errors',
    open: (page: Page, { issuer }: TestServer) => page.goto(`${issuer}/errors#redirect-uri`),
  },
  { name: 'own application, activity, none', open: ofNewApp('/activity') },
  { name: 'own application, activity', open: ofNewApp('/activity', live) },
  { name: 'own application, with a mistake', open: ofNewApp('', askWrongly) },
];
