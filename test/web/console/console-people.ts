/** People at browsers without JavaScript, and what they read. */

import { type Fields, fill, type Page, type UserAgent } from '../../support/user-agent.ts';

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
