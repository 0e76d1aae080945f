/** Forms of the console and of operators that were sent after their session had ended. */

import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../../src/storage/engine/database.ts';
import { addAccount, password } from '../../accounts/people.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { enterPassword, signedInAs } from '../../support/sign-in.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../../support/user-agent.ts';
import { sendForm, textOf } from './console-people.ts';

const base = '/organizations/acme';

const server = forAllTests(startTestServer);
const agent = forAllTests(() => signedInAs(server, 'admin@acme.test'));
let ids: Record<'member' | 'database' | 'branch', string>;
beforeAll(async () => {
  const find = async (path: string, link: RegExp) =>
    link.exec((await agent.get(base + path)).html)?.[1] ?? '';
  const database = await find('/databases?search=shop', /databases\/(db_\w+)/);
  ids = {
    member: await find('/members?search=dba', /members\/(user_\w+)"/),
    database,
    branch: await find(`/databases/${database}`, /branches\/(branch_\w+)\/rename/),
  };
});

const run = (sql: string) => server.database.db.query(statement(sql));

const enter = async (by: UserAgent, { url }: Page, email: string, secret = 'usher-demo') => {
  const form = await by.get(url);
  return enterPassword(by, form, email, secret);
};

/** The form that was filled in, if there is one. */
const filledIn = ({ html }: Page) => /<form id="filled".*?<\/form>/s.exec(html)?.[0];

/** With what is chosen in a menu, which the agent leaves out. */
function withMenu(fields: Fields, form: string): Fields {
  const [, name] = /<select[^>]* name="(\w+)"/.exec(form) ?? [];
  const [, value = ''] = /<option value="(\w+)" selected>/.exec(form) ?? [];
  return name === undefined ? fields : fill(fields, name, value);
}

/** Sends a form without a session, and signs in again. @returns where that leads to. */
async function signedInAgain(
  path: string,
  action: string,
  typed: Record<string, string>,
  about = '',
): Promise<Page> {
  const page = await agent.get(base + path);
  await run('delete from sessions');
  const asked = await sendForm(agent, page, action, typed, about);
  expect(asked.url).toContain('/sign-in?next=');
  return enter(agent, asked, 'admin@acme.test');
}

describe('comes back filled in, and is sent then', () => {
  test.each<
    [what: string, path: string, action: string, typed: Record<string, string>, done: string]
  >([
    [
      'invitations',
      '/members/invitations',
      '/invitations',
      { addresses: 'back@x.test <b>' },
      'back@x.test: invited',
    ],
    [
      'a role in a row',
      '/members/{member}',
      '{member}/role',
      { role: 'organization_admin' },
      'is Organization Administrator now',
    ],
    ['a new database', '/databases', '/databases', { slug: 'kept-one' }, 'kept-one is created'],
    [
      'a new name of a branch',
      '/databases/{database}',
      '{branch}/rename',
      { slug: 'kept-branch' },
      'called kept-branch now',
    ],
    [
      'a person of a database',
      '/databases/{database}/access',
      '/access',
      { email: 'member@acme.test', role: 'database_reader' },
      'is Read-only here now',
    ],
    ['a new team', '/teams', '/teams', { name: 'Kept', slug: 'kept' }, 'The team Kept is created'],
    ['a name', '/settings', '/settings/name', { name: 'Kept Acme' }, 'is called Kept Acme now'],
    [
      'a chosen setting',
      '/settings/consent-time?value=30',
      '/consent-time',
      {},
      'Longest consent: 30 days',
    ],
  ])('%s', async (_what, path, action, typed, done) => {
    const known = (text: string) =>
      text.replaceAll(/\{(\w+)\}/g, (_all, name: keyof typeof ids) => ids[name]);
    const back = await signedInAgain(known(path), known(action), typed, 'name="');
    const form = filledIn(back) ?? '';
    expect(textOf(back)).toContain('The form is filled in again with what you sent');
    for (const value of Object.values(typed)) {
      expect(form).toContain(value.replace('<b>', '&lt;b&gt;'));
    }
    const sent = await agent.submit({ ...back, html: form }, (fields) => withMenu(fields, form));
    expect(textOf(sent)).toContain(done);
  });
});

test('what has changed in the meantime is said then, and nothing is done', async () => {
  const path = '/teams';
  const made = await sendForm(agent, await agent.get(base + path), '/teams', {
    name: 'Night',
    slug: 'night',
  });
  const own = new URL(made.url).pathname.slice(base.length);
  const page = await agent.get(base + own);
  await run('delete from sessions');
  const asked = await sendForm(agent, page, '/rename', { name: 'Mine' });
  await run(`update teams set name = 'Theirs' where slug = 'night'`);
  const back = await enter(agent, asked, 'admin@acme.test');
  const sent = await agent.submit({ ...back, html: filledIn(back) ?? '' });
  expect([sent.status, textOf(sent).includes('Somebody has renamed this team')]).toEqual([
    409,
    true,
  ]);
});

test('of a change that is looked at first, it is shown again', async () => {
  const made = await sendForm(agent, await agent.get(`${base}/teams`), '/teams', {
    name: 'Day',
    slug: 'day',
  });
  const own = new URL(made.url).pathname.slice(base.length);
  const preview = await agent.get(`${base + own}/change?do=add-member&email=member%40acme.test`);
  await run('delete from sessions');
  const asked = await sendForm(agent, preview, '/change');
  const back = await enter(agent, asked, 'admin@acme.test');
  const sent = await agent.submit({ ...back, html: filledIn(back) ?? '' });
  expect(textOf(sent)).toContain('A member is added to Day');
});

test('where the page has no such form any more, it is shown what was typed', async () => {
  const path = `/databases/${ids.database}`;
  await sendForm(agent, await agent.get(base + path), '/branches', { slug: 'gone' });
  const page = await agent.get(base + path);
  const [action = ''] =
    /branches\/branch_\w+\/rename(?=(?:(?!<li).)*value="gone")/s.exec(page.html) ?? [];
  await run(`delete from branches where slug = 'gone'`);
  await run('delete from sessions');
  const asked = await sendForm(agent, page, action, { slug: 'other' });
  const back = await enter(agent, asked, 'admin@acme.test');
  expect(filledIn(back)).toBeUndefined();
  expect(textOf(back)).toContain('Here is what you sent: other');
});

test('another account, and another browser, get nothing of it', async () => {
  const other = await addAccount(server.database.db);
  await run(`insert into organization_members (organization_id, account_id, role)
    select id, '${other.id}', 'organization_admin' from organizations where slug = 'acme'`);
  const page = await agent.get(`${base}/members/invitations`);
  await run('delete from sessions');
  const asked = await sendForm(agent, page, '/invitations', { addresses: 'mine@x.test' });
  for (const [by, email, secret] of [
    [agent, other.email, password],
    [createUserAgent(server.issuer), 'admin@acme.test', 'usher-demo'],
  ] as const) {
    const back = await enter(by, asked, email, secret);
    expect([back.status, back.html.includes('mine@x.test'), filledIn(back)]).toEqual([
      200,
      false,
      undefined,
    ]);
  }
});

describe('a form of operators', () => {
  test.each([
    ['whose session ended', 'delete from sessions'],
    [
      'whose sign-in got old',
      `update sessions set payload = jsonb_set(payload, '{loginTs}',
        to_jsonb((payload ->> 'loginTs')::int - 601))`,
    ],
  ])('%s comes back with its reason', async (_which, sql) => {
    const operator = await signedInAs(server, 'operator@usher.test');
    const page = await operator.get('/operations?search=dba%40acme.test');
    await run(sql);
    const asked = await sendForm(operator, page, '', { reason: 'Stolen laptop' }, 'name="reason"');
    expect(asked.url).toContain('/sign-in?');
    const back = await enter(operator, asked, 'operator@usher.test');
    expect(filledIn(back)).toContain('value="Stolen laptop"');
    expect(back.html).toContain('<details class="confirm" open>');
  });
});
