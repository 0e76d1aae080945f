/** Signing in with a password, at a browser without JavaScript. */

import { demoPassword } from '../../src/demo/demo-data.ts';
import { createUserAgent, fill, type Page, type UserAgent } from './user-agent.ts';

/** Sends the sign-in form of a page. @returns the page that follows. */
export function enterPassword(
  by: UserAgent,
  page: Page,
  email: string,
  password = demoPassword,
): Promise<Page> {
  return by.submit(page, (fields) => fill(fill(fields, 'email', email), 'password', password));
}

/** Opens the sign-in page and sends its form. @returns the page that follows. */
export async function signInBy(by: UserAgent, email: string, password?: string): Promise<Page> {
  return enterPassword(by, await by.get('/sign-in'), email, password);
}

/** A new browser in which somebody is signed in. */
export async function signedInAs(
  { issuer }: { readonly issuer: string },
  email: string,
  password?: string,
): Promise<UserAgent> {
  const agent = createUserAgent(issuer);
  await signInBy(agent, email, password);
  return agent;
}
