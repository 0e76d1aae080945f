/** What may happen between the consent page and Allow: nothing is stored for anybody, and a page says why. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { allow, authorizationRequest, demoApp, signInFor } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { texts } from '../support/texts.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';

const member = 'member@acme.test';
const dba = 'dba@acme.test';
const over = texts.in('en').text('error.consent-over');
let server: TestServer;
let browser: UserAgent;
let page: Page;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

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
  ['all sessions were ended', () => rows('delete from sessions'), async () => {}],
  ['another tab signed out', signOut, async () => {}],
  [
    'another tab signed in as somebody else',
    async () => {
      await signOut();
      await signInFor(browser, `${server.issuer}/sign-in`, dba);
    },
    async () => {},
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

test('another tab signed out and in again as the same person: the page asks anew', async () => {
  await signOut();
  await signInFor(browser, `${server.issuer}/sign-in`, member);
  expect((await press()).status).toBe(404);
  page = await openPage(browser, member);
  expect((await press()).url).toContain('code=');
});

test('the application was deleted: nothing is stored', async () => {
  await rows('delete from clients where id = $1', demoApp.id);
  const answer = await press();
  expect(answer.status).toBe(404);
  expect(answer.html).toContain(over);
  expect(await consents()).toEqual([]);
});
