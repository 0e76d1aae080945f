/** A developer with an application of their own. */

import { addAccount, password } from '../accounts/people.ts';
import { signInFor, type TestClient } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

export const ownApps = '/account/applications/own';

/** A browser in which an account of the demo data is signed in. */
export async function signedInAs(server: TestServer, email: string): Promise<UserAgent> {
  const agent = createUserAgent(server.issuer);
  await signInFor(agent, '/sign-in', email);
  return agent;
}

/** A browser in which a new account is signed in. */
export async function newDeveloper(
  server: TestServer,
): Promise<{ readonly agent: UserAgent; readonly email: string; readonly id: string }> {
  const { email, id } = await addAccount(server.database.db);
  const agent = createUserAgent(server.issuer);
  const page = await agent.get('/sign-in');
  await agent.submit(page, (fields) => fill(fill(fields, 'email', email), 'password', password));
  return { agent, email, id };
}

/** Sends the form of a page with these values. */
const sendForm = (
  agent: UserAgent,
  page: Page,
  values: Readonly<Record<string, string>>,
  action: string,
): Promise<Page> =>
  agent.submit(
    page,
    (fields) =>
      Object.entries(values).reduce((filled, [name, value]) => fill(filled, name, value), fields),
    action,
  );

/** Registers an application on the page. */
export async function registerOwnApp(
  agent: UserAgent,
  values: Readonly<Record<string, string>> = {},
  path = ownApps,
): Promise<TestClient> {
  const redirectUri = values['redirect_uris'] ?? 'https://lookout.example/callback';
  const usual = { action: 'save', name: 'Lookout', redirect_uris: redirectUri };
  const form = await agent.get(`${path}/new`);
  const { html } = await sendForm(agent, form, { ...usual, ...values }, '/new');
  const id = /app_[0-9a-f]{32}/.exec(html)?.[0];
  if (id === undefined) throw new Error(`not registered: ${html}`);
  return { id, secret: /usher_cs_[\w-]+/.exec(html)?.[0], redirectUri };
}
