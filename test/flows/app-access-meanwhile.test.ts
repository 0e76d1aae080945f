/**
 * What may happen between the page about an application's access and Save: a sign-in that became too old for
 * what is given, or a session that ended. Nothing is saved, and what was chosen comes back with the sign-in.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp, idOf } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { texts } from '../support/texts.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../support/user-agent.ts';

const admin = 'admin@acme.test';
const dba = 'dba@acme.test';
const address = `/account/applications/${demoApp.id}`;
const read = 'database:read_database';
const grave = 'database:delete_branches';
const server = forAllTests(startTestServer);
let browser: UserAgent;
let shop: string;
let analytics: string;

const rows = <Row extends object>(sql: string, ...values: unknown[]) =>
  server.database.db.query<Row>(statement(sql), values);
const text = (key: string, values = {}) => texts.in('en').text(key, values);
const isTicked = (found: Page, value: string) =>
  new RegExp(`<input[^>]* value="${value}"[^>]* checked`).test(found.html);

/** The last sign-in was so many seconds before. */
const age = (seconds: number) =>
  rows(
    `update sessions set payload = payload || jsonb_build_object('loginTs', (payload->>'loginTs')::bigint - ${seconds})`,
  );

/** Where the deleting scope is allowed, and where anything is. */
async function reach(): Promise<string[]> {
  const found = await rows<{ slug: string; scope: string }>(
    `select d.slug, e.scope from consent_entries e join databases d on d.id = e.database_id
      join consents c on c.id = e.consent_id join accounts a on a.id = c.account_id
      where a.email = $1 order by 1, 2`,
    admin,
  );
  return found.flatMap(({ slug, scope }) => scope.split(' ').map((one) => `${slug} ${one}`));
}

beforeEach(async () => {
  await rows('delete from consents');
  shop = printId('database', await idOf(server.database.db, 'acme/shop'));
  analytics = printId('database', await idOf(server.database.db, 'acme/analytics'));
  await consentTo(server, demoApp, admin, `${grave} ${read}`, ['acme/shop']);
  browser = createUserAgent(server.issuer);
  await signInBy(browser, admin);
});

const only = [`shop ${grave}`, `shop ${read}`];
const wide = [`analytics ${grave}`, `analytics ${read}`, ...only];

const save = (page: Page, change: (fields: Fields) => Fields = (fields) => fields) =>
  browser.submit(page, (fields) => fill(change(fields), 'action', 'save'), address);
const withAnalytics = (fields: Fields): Fields => [...fields, ['pick', analytics]];
const withPassword = (page: Page, email?: string) =>
  browser.submit(page, (fields) =>
    fill(email ? fill(fields, 'email', email) : fields, 'password', 'usher-demo'),
  );

describe('the sign-in is older than ten minutes', () => {
  test('what deletes on one more resource is asked for again, and the choice comes back', async () => {
    const page = await browser.get(address);
    await age(700);
    const form = await save(page, withAnalytics);
    expect(form.html).toContain(text('sign-in.title-again'));
    expect(await reach()).toEqual(only);
    const again = await withPassword(form);
    expect(again.html).toContain(text('app-access.still-chosen'));
    expect([isTicked(again, analytics), isTicked(again, shop), isTicked(again, grave)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(await reach()).toEqual(only);
    expect((await save(again)).html).toContain('Saved.');
    expect(await reach()).toEqual(wide);
  });

  test('nobody is asked for less, for the same, or for what only looks', async () => {
    await consentTo(server, demoApp, admin, `${grave} ${read}`, ['acme/shop', 'acme/analytics']);
    await age(700);
    const without = (value: string) => (fields: Fields) =>
      fields.filter(([name, of]) => !(name === 'pick' && of === value));
    const page = await browser.get(address);
    expect((await save(page)).html).toContain('Saved.');
    expect(await reach()).toEqual(wide);
    expect((await save(page, without(analytics))).html).toContain('Saved.');
    expect(await reach()).toEqual(only);
    const looks = (fields: Fields): Fields => [
      ...withAnalytics(fields),
      [`own:${analytics}`, 'yes'],
      [`scope:${analytics}`, read],
    ];
    expect((await save(await browser.get(address), looks)).html).toContain('Saved.');
    expect(await reach()).toEqual([`analytics ${read}`, ...only]);
  });

  test('a later end gives more, a nearer one less', async () => {
    const until = (ends: string) => (fields: Fields) => fill(fields, 'ends', ends);
    await age(700);
    const page = await browser.get(address);
    expect((await save(page, until('1_day'))).html).toContain('Saved.');
    const form = await save(page, until('7_days'));
    expect(form.html).toContain(text('sign-in.title-again'));
    const again = await withPassword(form);
    expect(again.html).toMatch(/value="7_days"[^>]* selected/);
  });

  test('a choice too large for an address is not lost: the page of the tab can be saved after a sign-in', async () => {
    await age(700);
    const page = await browser.get(address);
    const noise = Array.from({ length: 400 }, () => crypto.randomUUID().replaceAll('-', ''));
    const large = (fields: Fields): Fields => [
      ...withAnalytics(fields),
      ...noise.map((id): [string, string] => ['shown', `db_${id}`]),
    ];
    const answer = await save(page, large);
    expect(answer.status).toBe(403);
    expect(answer.html).toContain(text('app-access.needs-sign-in'));
    expect(isTicked(answer, analytics)).toBe(true);
    expect(await reach()).toEqual(only);
    await withPassword(await browser.get(`/sign-in?again=yes&next=${encodeURIComponent(address)}`));
    expect((await save(answer)).html).toContain('Saved.');
    expect(await reach()).toEqual(wide);
  });
});

describe('the session ended', () => {
  let page: Page;
  beforeEach(async () => {
    page = await browser.get(address);
    await rows('delete from sessions');
  });

  test.each([
    ['save', 'save'],
    ['another button', 'look'],
  ])('%s: the choice comes back with the sign-in', async (_what, action) => {
    const form = await browser.submit(
      page,
      (fields) => fill(withAnalytics(fields), 'action', action),
      address,
    );
    expect(form.url).toContain('/sign-in?next=');
    const again = await withPassword(form, admin);
    expect(again.html).toContain(text('app-access.still-chosen'));
    expect([isTicked(again, analytics), isTicked(again, grave)]).toEqual([true, true]);
    expect(await reach()).toEqual(only);
    await save(again);
    expect(await reach()).toEqual(wide);
  });

  test('another account sees the page anew, without the choice', async () => {
    await consentTo(server, demoApp, dba, `${grave} ${read}`, ['acme/shop']);
    const again = await withPassword(await save(page, withAnalytics), dba);
    expect(again.html).toContain(text('app-access.switched', { email: dba }));
    expect(isTicked(again, analytics)).toBe(false);
  });

  test('what another browser chose, or a page of another application, is not taken', async () => {
    const kept = new URL((await save(page, withAnalytics)).url).searchParams.get('next') ?? '';
    const other = createUserAgent(server.issuer);
    await signInBy(other, admin);
    expect(isTicked(await other.get(kept), analytics)).toBe(false);
    await signInBy(browser, admin);
    expect(isTicked(await browser.get(kept), analytics)).toBe(true);
    await consentTo(server, { ...demoApp, id: 'tiny-app' }, admin, read, ['acme/shop']);
    const elsewhere = await browser.get(kept.replace(demoApp.id, 'tiny-app'));
    expect(elsewhere.html).not.toContain(text('app-access.still-chosen'));
    expect(isTicked(elsewhere, analytics)).toBe(false);
  });

  test('a form of no page of ours is refused', async () => {
    const without = (fields: Fields) => fields.filter(([name]) => name !== 'token');
    expect((await save(page, without)).status).toBe(403);
  });
});
