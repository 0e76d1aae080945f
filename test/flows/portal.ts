/** A developer with an application of their own. */

import { addAccount, password } from '../accounts/people.ts';
import type { TestClient } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { fill, type Page, type UserAgent } from '../support/user-agent.ts';

export const ownApps = '/account/applications/own';

/** Somebody with a new account, and the browser in which they are signed in. */
export interface Developer {
  readonly id: string;
  readonly email: string;
  readonly agent: UserAgent;
}

export async function newDeveloper(server: TestServer): Promise<Developer> {
  const { email, id } = await addAccount(server.database.db);
  return { agent: await signedInAs(server, email, password), email, id };
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

/** Asks what is wrong with the redirect URIs of a form, as its script does. */
export function checkUris(
  agent: UserAgent,
  page: Page,
  values: Readonly<Record<string, string>>,
): Promise<Page> {
  const [, address = ''] = /data-check="([^"]+)"/.exec(page.html) ?? [];
  const form = address.slice(0, address.lastIndexOf('/'));
  const html = page.html.replace(`action="${form}"`, `action="${address}"`);
  return sendForm(agent, { ...page, html }, values, address);
}

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
