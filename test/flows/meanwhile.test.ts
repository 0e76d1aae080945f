/** What may happen between the consent page and Allow: nothing is stored, a page says why, and there is a way on. */

import { beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { allow, authorizationRequest, demoApp, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { texts } from '../support/texts.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../support/user-agent.ts';

const member = 'member@acme.test';
const dba = 'dba@acme.test';
const over = texts.in('en').text('error.consent-over');
const server = forAllTests(startTestServer);
let browser: UserAgent;
let page: Page;

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const openPage = (agent: UserAgent, email: string) =>
  signInFor(agent, authorizationRequest(server, demoApp, 'database:read_database').url, email);

beforeEach(async () => {
  await rows('delete from consents');
  browser = createUserAgent(server.issuer);
  page = await openPage(browser, member);
  expect(page.html).toContain('data-consent');
});

const press = () => allow(browser, page, ['acme/shop']);
const consents = () => rows('select account_id from consents');

/** Another tab of the same browser. */
async function signOut(): Promise<void> {
  await browser.submit(await browser.get('/sign-out'));
}

test('nothing: the choice is stored, and the application gets its code', async () => {
  expect((await press()).url).toContain('code=');
  expect(await consents()).toHaveLength(1);
});

test.each<[what: string, act: () => Promise<unknown>, undo: () => Promise<unknown>]>([
  [
    'the application was suspended',
    () => rows("update clients set status = 'suspended' where id = $1", demoApp.id),
    () => rows("update clients set status = 'active' where id = $1", demoApp.id),
  ],
  [
    'the account was suspended',
    () => rows("update accounts set status = 'suspended' where email = $1", member),
    () => rows("update accounts set status = 'active' where email = $1", member),
  ],
])(
  '%s: nothing is stored, and the page says that the request is over',
  async (_what, act, undo) => {
    await act();
    try {
      const answer = await press();
      expect(answer.status).toBe(404);
      expect(answer.html).toContain(over);
      expect((await browser.get(page.url)).status).toBe(404);
      expect(await consents()).toEqual([]);
    } finally {
      await undo();
    }
  },
);

const text = (key: string, values = {}) => texts.in('en').text(key, values);
/** Whether the box of that value is ticked. */
const isTicked = (found: Page, value: string) =>
  new RegExp(`<input[^>]* value="${value}"[^>]* checked`).test(found.html);

describe('the session of the page is over', () => {
  const scope = 'database:read_database';
  let picked: string;
  beforeEach(() => {
    picked = /id="(db_[0-9a-f]{32})"[^>]*data-path="acme\/shop"/.exec(page.html)?.[1] ?? '';
  });

  test.each<[what: string, act: () => Promise<unknown>]>([
    ['all sessions were ended', () => rows('delete from sessions')],
    ['another tab signed out', signOut],
  ])(
    '%s: nothing is stored, and after a sign-in what was chosen is still chosen',
    async (_what, act) => {
      await act();
      const form = await press();
      expect(form.html).toContain(text('sign-in.signed-out'));
      expect(await consents()).toEqual([]);
      const again = await browser.submit(form, (fields) =>
        fill(fill(fields, 'email', member), 'password', 'usher-demo'),
      );
      expect(again.html).toContain(text('consent-page.still-chosen'));
      expect([isTicked(again, picked), isTicked(again, scope)]).toEqual([true, true]);
      expect(
        (await browser.submit(again, (fields) => fill(fields, 'action', 'allow'))).url,
      ).toContain('code=');
      expect(await consents()).toHaveLength(1);
    },
  );

  test('another tab signed out and in again: the page is there again, with the choice', async () => {
    await signOut();
    await signInFor(browser, `${server.issuer}/sign-in`, member);
    const again = await press();
    expect(again.html).toContain(text('consent-page.still-chosen'));
    expect(isTicked(again, picked)).toBe(true);
  });

  test('where something was allowed before, the page says that it shows what is chosen', async () => {
    await press();
    const review = authorizationRequest(server, demoApp, scope, { prompt: 'consent' });
    page = await browser.get(review.url);
    const allowed = text('consent-page.review', { application: 'Demo App' });
    expect(page.html).toContain(allowed);
    await signOut();
    await signInFor(browser, `${server.issuer}/sign-in`, member);
    const again = await browser.submit(page, (fields) => fill(fields, 'action', 'allow'));
    expect(again.html).toContain(text('consent-page.still-chosen'));
    expect(again.html).not.toContain(allowed);
  });

  test('somebody else signs in, here or in another tab: they see the page without the choice', async () => {
    await signOut();
    await signInFor(browser, `${server.issuer}/sign-in`, dba);
    const again = await press();
    expect(again.html).toContain(text('consent-page.switched', { email: dba }));
    expect(isTicked(again, picked)).toBe(false);
    expect(await consents()).toEqual([]);
  });

  test('the page itself leads to a sign-in, and giving up tells the application', async () => {
    await signOut();
    const form = await browser.get(page.url);
    expect(form.html).toContain(text('sign-in.signed-out'));
    const cancelled = await browser.submit(form, (fields) => fill(fields, 'action', 'cancel'));
    expect(cancelled.url).toContain('error=access_denied');
  });

  test('Cancel tells the application', async () => {
    await signOut();
    const cancelled = await browser.submit(page, (fields) => fill(fields, 'action', 'cancel'));
    expect(cancelled.url).toContain('error=access_denied');
  });

  test('a form of nobody’s page begins nothing anew', async () => {
    await signOut();
    const forged = await browser.submit(page, (fields) => fill(fields, 'token', 'x'));
    expect(forged.status).toBe(403);
  });
});

test('the sign-in became too old for what deletes: it is made again, with the choice', async () => {
  const grave = 'database:delete_branches';
  await rows('delete from consents');
  const { url } = authorizationRequest(server, demoApp, `${grave} database:read_database`);
  page = await browser.get(url);
  const picked = /id="(db_[0-9a-f]{32})"[^>]*data-path="acme\/shop"/.exec(page.html)?.[1] ?? '';
  const chosen =
    (scope: string) =>
    (fields: Fields): Fields => [
      ...fill(fields, 'action', 'allow'),
      ['pick', picked],
      ['scope', scope],
    ];
  const older = `payload || jsonb_build_object('loginTs', (payload->>'loginTs')::bigint - 700)`;
  await rows(`update sessions set payload = ${older}`);
  const form = await browser.submit(page, chosen(grave));
  expect(form.html).toContain(text('sign-in.needs-new'));
  expect(await consents()).toEqual([]);
  const again = await browser.submit(form, (fields) => fill(fields, 'password', 'usher-demo'));
  expect([isTicked(again, picked), isTicked(again, grave)]).toEqual([true, true]);
  await rows(`update sessions set payload = ${older}`);
  const unticked = (fields: Fields) =>
    fields.filter(([name]) => name !== 'scope' && name !== 'pick');
  const look = await browser.submit(again, (fields) =>
    chosen('database:read_database')(unticked(fields)),
  );
  expect(look.url).toContain('code=');
});

test('the application was deleted: nothing is stored', async () => {
  await rows('delete from clients where id = $1', demoApp.id);
  const answer = await press();
  expect(answer.status).toBe(404);
  expect(answer.html).toContain(over);
  expect(await consents()).toEqual([]);
});
