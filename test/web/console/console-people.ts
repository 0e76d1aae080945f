/** People at browsers without JavaScript, and what they read. */

import { statement } from '../../../src/storage/engine/database.ts';
import type { TestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import { type Fields, fill, type Page, type UserAgent } from '../../support/user-agent.ts';

/** The demo's organization `acme`: its administrator's browser, and the ids of all accounts by address. */
export async function openAcme(server: Pick<TestServer, 'issuer' | 'database'>) {
  const { db } = server.database;
  const find = statement(`select id from organizations where slug = 'acme'`);
  const [organization] = await db.query<{ id: string }>(find);
  const all = statement('select id, email from accounts');
  const people = await db.query<{ id: string; email: string }>(all);
  return {
    agent: await signedInAs(server, 'admin@acme.test'),
    organizationId: organization?.id ?? '',
    accounts: new Map(people.map(({ id, email }) => [email, id])),
  };
}

/** What a page says, without its markup. */
export function textOf({ html }: Page): string {
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
  return main
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', '’')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

/**
 * Sends a form of a page with some fields set.
 *
 * @param action what its address ends with.
 * @param about something that only this one of several forms holds.
 */
export function sendForm(
  by: UserAgent,
  page: Page,
  action: string,
  fields: Readonly<Record<string, string>> = {},
  about = '',
): Promise<Page> {
  const forms = Array.from(page.html.matchAll(/<form\b[^>]*>.*?<\/form>/gs), ([form]) => form);
  const form = forms.find(
    (one) => one.includes('method="post"') && one.includes(`${action}"`) && one.includes(about),
  );
  if (form === undefined) throw new Error(`no form ${action} in ${textOf(page)}`);
  const set = (sent: Fields) =>
    Object.entries(fields).reduce((all, [name, value]) => fill(all, name, value), sent);
  return by.submit({ ...page, html: form }, set);
}
