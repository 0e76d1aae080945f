/** The people of an organization, looked after by people at browsers without JavaScript. */

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { administratorRole, memberRole } from '../../../src/members/roles.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { findMember, insertMember } from '../../../src/storage/people/members.ts';
import { addAccount } from '../../accounts/people.ts';
import { emailOf, makeWorld } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../../support/user-agent.ts';

const server = forAllTests(startTestServer);
const world = forAllTests(() => makeWorld(server.database.db));
let agent: UserAgent;
let base = '';
beforeAll(async () => {
  const { organizationId } = world.ids;
  const [row] = await rows('select slug from organizations where id = $1', organizationId);
  base = `/organizations/${row?.['slug']}`;
  agent = await signedIn(world.accounts.admin);
});

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

async function signedIn(accountId: string): Promise<UserAgent> {
  await rows(
    `update accounts set password_hash =
      (select password_hash from accounts where email = 'admin@acme.test') where id = $1`,
    accountId,
  );
  const by = createUserAgent(server.issuer);
  await signInFor(by, `${server.issuer}/sign-in`, emailOf(accountId));
  return by;
}

const statusOf = (accountId: string) =>
  findMember(server.database.db, { organizationId: world.ids.organizationId, accountId });

const pathOf = (accountId: string) => `${base}/members/${printId('user', accountId)}`;

/** Somebody who has just joined. */
async function joined(name = 'New Person'): Promise<string> {
  const { id } = await addAccount(server.database.db);
  await rows('update accounts set name = $2 where id = $1', id, name);
  const { organizationId } = world.ids;
  await insertMember(server.database.db, { organizationId, accountId: id, role: memberRole });
  return id;
}

const press = (by: UserAgent, page: Page, action: string) =>
  by.submit(page, (fields) => fields, action);

const giveRole = (by: UserAgent, page: Page, role: string, id: string) =>
  by.submit(page, (fields) => fill(fields, 'role', role), `${printId('user', id)}/role`);

/** The names in the list, in its order. */
const namesIn = ({ html }: Page) =>
  Array.from(html.matchAll(/<th scope="row">\s*<a [^>]*>([^<]*)</g), ([, name]) => name);

describe('the list', () => {
  const many = 60;
  beforeAll(async () => {
    for (let n = 0; n < many; n++) await joined(`Zed ${String(n).padStart(2, '0')} Lastname${n}`);
  });

  const find = async (query: string) => namesIn(await agent.get(`${base}/members?${query}`));

  test('finds by the beginning of a name, a last name and an address, and of nothing else', async () => {
    expect(await find('search=zed+07')).toEqual(['Zed 07 Lastname7']);
    expect(await find('search=LASTNAME59')).toEqual(['Zed 59 Lastname59']);
    const address = emailOf(world.accounts.dba);
    expect(await find(`search=${encodeURIComponent(address.slice(0, 12))}`)).toEqual(['Somebody']);
    expect(await find('search=07+zed')).toEqual(['Zed 07 Lastname7']);
    expect(await find('search=last+zed+5')).toHaveLength(10);
    const [mailbox = '', domain = ''] = address.split('@');
    const [, middle = ''] = mailbox.split('-');
    expect(await find(`search=${middle}`)).toEqual(['Somebody']);
    expect(await find(`search=${middle}+${domain.slice(0, 4)}`)).toEqual(['Somebody']);
    for (const odd of ["'", "a':*", '\\', '!(', 'a | b', '<->', '🦊']) {
      const page = await agent.get(`${base}/members?search=${encodeURIComponent(odd)}`);
      expect([odd, page.status]).toEqual([odd, 200]);
    }
    expect(await find('search=astname5')).toEqual([]);
    expect(await find('search=%25')).toEqual([]);
  });

  test('is sorted, filtered, and read page by page without losing or repeating anybody', async () => {
    const first = await agent.get(`${base}/members?search=zed&order=name`);
    const next = /rel="next" href="([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await agent.get(next);
    const all = [...namesIn(first), ...namesIn(second)];
    expect([namesIn(first).length, all.length, new Set(all).size]).toEqual([50, many, many]);
    expect(all).toEqual(all.toSorted());
    expect(second.html).not.toContain('rel="next"');
    expect((await find('order=newest'))[0]).toBe('Zed 59 Lastname59');
    expect(await find(`role=${administratorRole}`)).toHaveLength(3);
    expect(await find('state=suspended')).toHaveLength(1);
  });

  test('takes no place of another list, or of another reader', async () => {
    const first = await agent.get(`${base}/members?search=zed&order=name`);
    const next = /rel="next" href="([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await agent.get(next.replace('order=name', 'order=address'))).status).toBe(422);
    const member = await signedIn(world.accounts.member);
    expect((await member.get(next)).status).toBe(422);
  });

  test('offers nothing to change to whoever may only look', async () => {
    const member = await signedIn(world.accounts.member);
    const list = await member.get(`${base}/members`);
    expect([list.status, list.html.includes('/role"')]).toEqual([200, false]);
    const page = await member.get(pathOf(world.accounts.dba));
    expect([page.status, page.html.includes('id="end"')]).toEqual([200, false]);
    const shown = await agent.get(`${base}/members?search=zed`);
    const id = await joined();
    expect(
      (await giveRole(member, await agent.get(pathOf(id)), administratorRole, id)).status,
    ).toBe(403);
    expect(shown.status).toBe(200);
  });
});

describe('a member', () => {
  let id = '';
  beforeEach(async () => {
    id = await joined();
  });

  test('gets another role in the row, and the first one back', async () => {
    const list = await agent.get(`${base}/members?search=new+p&order=newest`);
    const done = await giveRole(agent, list, administratorRole, id);
    expect(done.html).toContain('New Person is Organization Administrator now');
    expect(done.url).toContain('search=new+p');
    expect(await statusOf(id)).toMatchObject({ role: administratorRole });
    const undone = await press(agent, done, `${printId('user', id)}/role`);
    expect(undone.status).toBe(200);
    expect(await statusOf(id)).toMatchObject({ role: memberRole });
  });

  test('is suspended and reinstated, and told of by what it was', async () => {
    const page = await agent.get(pathOf(id));
    const done = await press(agent, page, '/suspend');
    expect(done.html).toContain('New Person is suspended.');
    expect(done.html).toMatch(/<li class="event">[\s\S]*suspended/);
    expect(await statusOf(id)).toMatchObject({ suspended: true });
    const late = await press(agent, page, '/remove');
    expect(late.html).toContain('nothing of yours was done');
    expect(await statusOf(id)).toBeDefined();
    await press(agent, done, '/reinstate');
    expect(await statusOf(id)).toMatchObject({ suspended: false });
  });

  test('is removed once, by one of two forms', async () => {
    const [one, two] = [await agent.get(pathOf(id)), await agent.get(pathOf(id))];
    const done = await press(agent, one, '/remove');
    expect([new URL(done.url).pathname, await statusOf(id)]).toEqual([
      `${base}/members`,
      undefined,
    ]);
    expect((await press(agent, one, '/remove')).url).toBe(done.url);
    expect((await press(agent, two, '/remove')).html).toContain('removed this person');
    expect((await agent.get(pathOf(id))).status).toBe(404);
  });

  test('of another organization, or with an id that is none, is not there', async () => {
    expect((await agent.get(pathOf(world.accounts.outsider))).status).toBe(404);
    expect((await agent.get(`${base}/members/user_1`)).status).toBe(404);
    const form = await agent.get(pathOf(id));
    const other = printId('user', world.accounts.dba);
    const turned = { ...form, html: form.html.replaceAll(printId('user', id), other) };
    expect((await press(agent, turned, `${other}/suspend`)).status).toBe(403);
  });

  test('cannot change their own place', async () => {
    const page = await agent.get(pathOf(world.accounts.admin));
    expect(page.html).not.toMatch(/\/(role|suspend|remove)"/);
  });

  test('shows what reaches the organization', async () => {
    const page = await agent.get(pathOf(world.accounts.teamDba));
    expect(page.html).toContain('Administers s');
    expect((await agent.get(pathOf(world.accounts.dba))).html).toContain('Database Administrator');
  });
});

describe('invitations', () => {
  const path = '/members/invitations';
  const inviteAll = async (addresses: string, role = memberRole) =>
    agent.submit(
      await agent.get(base + path),
      (fields) => fill(fill(fields, 'addresses', addresses), 'role', role),
      path,
    );

  test('many at once, with a result for each address', async () => {
    const fresh = ['one@many.test', 'Two@Many.test'];
    const known = emailOf(world.accounts.dba);
    const done = await inviteAll(`${fresh.join(',\n')}\n${known} nobody <b>x</b> ada@exämple.com`);
    for (const text of [
      '2 people are invited.',
      'one@many.test: invited',
      'two@many.test: invited',
      `${known}: a member already`,
      'nobody: not an e-mail address',
      'ada@exämple.com: enter its domain in ASCII, as ada@xn--exmple-cua.com',
      '&lt;b&gt;x&lt;/b&gt;: not an e-mail address',
    ]) {
      expect(done.html).toContain(text);
    }
    expect((await inviteAll('one@many.test')).html).toContain('one@many.test: invited already');
  });

  test.each([
    ['none', ' , ', 'Enter at least one address.'],
    ['too many', Array.from({ length: 51 }, (_, n) => `a${n}@x.test`).join(' '), 'at most 50'],
  ])('%s at once are refused, and stay in the field', async (_what, addresses, text) => {
    const page = await inviteAll(addresses);
    expect([page.status, page.html.includes(text)]).toEqual([422, true]);
    expect(page.html).toContain(addresses.slice(-6));
  });

  test('are sent again and cancelled, once', async () => {
    await inviteAll('again@many.test');
    const page = await agent.get(base + path);
    const printed = /href|to again@many\.test/.test(page.html);
    expect(printed).toBe(true);
    const [row] = await rows("select id from invitations where email = 'again@many.test'");
    const id = `inv_${String(row?.['id']).replaceAll('-', '')}`;
    expect((await press(agent, page, `${id}/resend`)).html).toContain('gets a new link');
    const done = await press(agent, page, `${id}/cancel`);
    expect(done.html).toContain('is cancelled');
    const late = await press(agent, { ...page, html: page.html }, `${id}/resend`);
    expect([late.status, late.url.includes('done=')]).toEqual([200, true]); // the first answer
    expect((await agent.get(base + path)).html).not.toContain('again@many.test');
  });
});
