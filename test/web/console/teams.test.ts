/** Teams, looked at before they are changed, at browsers without JavaScript. */

import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import type { Page } from '../../support/user-agent.ts';
import { sendForm, textOf } from './console-people.ts';

const server = forAllTests(startTestServer);
const admin = forAllTests(() => signedInAs(server, 'admin@acme.test'));
let path = '';
beforeAll(async () => {
  path = `/organizations/acme/teams/${printId('team', await idOf("select id from teams where slug = 'data'"))}`;
});

const idOf = async (sql: string, ...values: string[]) =>
  (await server.database.db.query<{ id: string }>(statement(sql), values))[0]?.id ?? '';
const person = async (email: string) =>
  printId('user', await idOf('select id from accounts where email = $1', email));
const look = (query: string) => admin.get(`${path}/change?${query}`);
const change = (page: Page) => sendForm(admin, page, '/change');

const members = async () => {
  const sql = statement(`select a.email from team_members m join accounts a on a.id = m.account_id
    join teams t on t.id = m.team_id where t.slug = 'data' order by 1`);
  return (await server.database.db.query<{ email: string }>(sql)).map(({ email }) => email);
};

describe('a change is shown before it is made', () => {
  test('a member who is added gains what they do not have', async () => {
    const page = await look('do=add-member&email=member@acme.test');
    expect(textOf(page)).toMatch(
      /Add Member \(acme\) to Data\?.*one person.*Administrator of analytics/,
    );
    expect(await members()).toEqual(['team@acme.test']);
    const done = await change(page);
    expect(textOf(done)).toContain('A member is added to Data.');
    expect(await members()).toEqual(['member@acme.test', 'team@acme.test']);
    expect(textOf(await look('do=add-member&email=member@acme.test'))).toContain(
      'the case already',
    );
  });

  test('an administrator gains nothing, and whoever has another way in loses nothing', async () => {
    expect(textOf(await look('do=add-member&email=admin@acme.test'))).toContain(
      'Nobody gains anything',
    );
    await server.database.db.query(
      statement(`insert into database_roles (organization_id, database_id, account_id, role)
        select d.organization_id, d.id, a.id, 'database_admin' from databases d, accounts a
         where d.slug = 'analytics' and a.email = 'member@acme.test'`),
    );
    const page = await look(`do=remove-member&member=${await person('member@acme.test')}`);
    expect(textOf(page)).toContain('Nobody loses anything');
    await change(page);
    expect(await members()).toEqual(['team@acme.test']);
  });

  test('a database that is added or taken says whom it concerns', async () => {
    const page = await look('do=add-database&slug=shop');
    expect(textOf(page)).toMatch(
      /Give Data the database shop\?.*team@acme.test Administrator of shop/,
    );
    const done = await change(page);
    expect(textOf(done)).toContain('Data has one more database.');
    const shop = printId('database', await idOf("select id from databases where slug = 'shop'"));
    const less = await look(`do=remove-database&database=${shop}`);
    expect(textOf(less)).toMatch(/Take shop from Data\?.*takes a role/);
    expect(textOf(await change(less))).toContain('Data has one database less.');
  });

  test('where it would do something else by then, nothing is done', async () => {
    const page = await look('do=add-member&email=developer@acme.test');
    await change(await look('do=add-database&slug=shop'));
    const late = await change(page);
    expect([late.status, textOf(late)]).toEqual([409, expect.stringContaining('nothing was done')]);
    expect(await members()).toEqual(['team@acme.test']);
  });

  test.each([
    ['do=add-member&email=nobody@acme.test', 422, 'Invite them first'],
    ['do=add-member&email=reader@vault.test', 422, 'Invite them first'],
    ['do=add-member&email=ada@exämple.com', 422, 'ada@xn--exmple-cua.com'],
    ['do=add-database&slug=ledger', 422, 'There is no database of this name'],
    ['do=remove-member&member=user_1', 404, 'nothing here'],
    ['do=remove-member', 404, 'nothing here'],
    ['do=everything', 404, 'nothing here'],
  ])('%s is answered with %i', async (query, status, text) => {
    const page = await look(query);
    expect([page.status, textOf(page).includes(text)]).toEqual([status, true]);
  });
});

test('a team is created, renamed, undone and deleted', async () => {
  const list = await admin.get('/organizations/acme/teams');
  const refused = await sendForm(admin, list, '/teams', { name: 'On call', slug: 'On call' });
  expect([refused.status, refused.html.includes('value="On call"')]).toEqual([422, true]);
  const made = await sendForm(admin, refused, '/teams', { name: 'On call', slug: 'on-call' });
  expect(textOf(made)).toContain('The team On call is created.');
  const renamed = await sendForm(admin, made, '/rename', { name: 'Night', slug: 'night' });
  const late = await sendForm(admin, made, '/rename', { name: 'Day', slug: 'day' });
  expect([late.status, textOf(late)]).toEqual([
    409,
    expect.stringContaining('It’s called Night now, and its short name is night.'),
  ]);
  const undone = await sendForm(admin, renamed, '/rename');
  expect(textOf(undone)).toContain('The team is called On call now.');
  const found = await admin.get('/organizations/acme/teams?search=CALL');
  expect([textOf(found).includes('On call'), textOf(found).includes('Data')]).toEqual([
    true,
    false,
  ]);
  const page = await admin.get(`${new URL(made.url).pathname}/change?do=delete`);
  expect(textOf(page)).toContain('Delete On call?');
  expect(textOf(await change(page))).toContain('The team On call is deleted.');
});

test('a member sees teams and who is in them, and no form', async () => {
  const member = await signedInAs(server, 'member@acme.test');
  const page = await member.get(path);
  expect([page.status, page.html.includes('method="post"')]).toEqual([200, false]);
  expect(textOf(page)).toContain('team@acme.test');
  expect(page.html).not.toContain('/change');
});
