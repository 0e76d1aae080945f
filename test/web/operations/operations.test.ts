/** Operators at browsers without JavaScript; for everybody else there is no such page. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';
import { sendForm, signedInAs, textOf } from '../console/console-people.ts';

let server: TestServer;
let operator: UserAgent;
beforeAll(async () => {
  server = await startTestServer();
  operator = await signedInAs(server, 'operator@usher.test');
});
afterAll(() => server.close());

const search = (text: string, by = operator) =>
  by.get(`/operations?${new URLSearchParams({ search: text })}`);
const query = <Row extends object>(sql: string, ...values: string[]) =>
  server.database.db.query<Row>(statement(sql), values);
const accountId = async (email: string) =>
  (await query<{ id: string }>('select id from accounts where email = $1', email))[0]?.id ?? '';
const statusOf = async (email: string) =>
  (await query<{ status: string }>('select status from accounts where email = $1', email))[0]
    ?.status;
const lastEvent = async (action: string) =>
  (
    await query<object>(
      'select outcome, subject, after from audit_events where action = $1 order by id desc limit 1',
      action,
    )
  )[0];

describe('for others', () => {
  test.each(['admin@acme.test', 'member@acme.test'])('%s finds no page', async (email) => {
    const by = await signedInAs(server, email);
    expect((await by.get('/operations')).status).toBe(404);
  });

  test('nor does nobody, nor does a form of theirs do anything', async () => {
    const nobody = createUserAgent(server.issuer);
    expect((await nobody.get('/operations')).status).toBe(404);
    const member = await signedInAs(server, 'member@acme.test');
    const page = await search('dba@acme.test');
    const sent = await sendForm(member, page, '', { reason: 'x' }, 'name="reason"');
    expect([sent.status, await statusOf('dba@acme.test')]).toEqual([404, 'active']);
  });
});

describe('an operator', () => {
  test('whose sign-in is older than ten minutes signs in again first', async () => {
    const old = await signedInAs(server, 'operator@usher.test');
    const page = await search('dba@acme.test', old);
    await query(`update sessions set payload = jsonb_set(payload, '{loginTs}',
      to_jsonb((payload ->> 'loginTs')::int - 601))`);
    expect((await search('dba@acme.test', old)).url).toContain('/sign-in?again=yes');
    const late = await sendForm(old, page, '', { reason: 'x' }, 'name="reason"');
    expect([late.url.includes('/sign-in?again=yes'), await statusOf('dba@acme.test')]).toEqual([
      true,
      'active',
    ]);
    operator = await signedInAs(server, 'operator@usher.test');
  });

  test.each([
    ['dba@acme.test', 'Account'],
    ['Acme', 'Organization'],
    ['demo-app', 'App'],
    ['demo api', 'Resource server'],
  ])('finds %s', async (text, kind) => {
    expect(textOf(await search(text))).toContain(kind);
  });

  test('finds an account by its id, and says where nothing is found', async () => {
    const id = printId('user', await accountId('dba@acme.test'));
    expect(textOf(await search(id))).toContain('dba@acme.test');
    expect(textOf(await search('dba@'))).toContain('Nothing found');
  });

  test('suspends and reinstates an account, with a reason in the audit log', async () => {
    const page = await search('dba@acme.test');
    const without = await sendForm(operator, page, '', { reason: ' ' }, 'name="reason"');
    expect([without.status, await statusOf('dba@acme.test')]).toEqual([422, 'active']);
    expect(textOf(without)).toContain('Give a reason');
    const done = await sendForm(
      operator,
      without,
      '',
      { reason: 'Stolen laptop' },
      'name="reason"',
    );
    expect([textOf(done).includes('It is suspended.'), await statusOf('dba@acme.test')]).toEqual([
      true,
      'suspended',
    ]);
    expect(await lastEvent('account.suspended')).toMatchObject({
      outcome: 'done',
      after: { status: 'suspended', reason: 'Stolen laptop' },
    });
    const twice = await sendForm(
      operator,
      without,
      '',
      { reason: 'Stolen laptop' },
      'name="reason"',
    );
    expect(textOf(twice)).toContain('It is suspended.');
    const back = await sendForm(operator, done, '', { reason: 'Found' }, 'name="reason"');
    expect([textOf(back).includes('It works again.'), await statusOf('dba@acme.test')]).toEqual([
      true,
      'active',
    ]);
  });

  test('suspends and reinstates an app', async () => {
    const page = await search('demo-cli');
    const done = await sendForm(operator, page, 'demo-cli', { reason: 'Spam' });
    expect(textOf(done)).toContain('It is suspended.');
    expect(await lastEvent('application.suspended')).toMatchObject({
      subject: 'demo-cli',
      after: { reason: 'Spam' },
    });
    const back = await sendForm(operator, done, 'demo-cli', { reason: 'A mistake' });
    expect(textOf(back)).toContain('It works again.');
  });

  test('has mail sent again that was given up', async () => {
    await query(`insert into mail_outbox (id, kind, subject_id, attempts, failed_at, reason, recipient)
      values (gen_random_uuid(), 'unknown-kind', gen_random_uuid(), 9, now(), 'refused', 'a@x.test')`);
    const page = await operator.get('/operations');
    expect(textOf(page)).toMatch(/1 mail was given up.*a@x\.test.*refused/);
    const done = await sendForm(operator, page, '/operations/mail');
    expect(textOf(done)).toContain('Mail that was given up is tried again.');
    expect(await lastEvent('mail.retried')).toMatchObject({ outcome: 'done' });
  });

  test('who is one no longer can do nothing with a page that was open', async () => {
    const page = await search('dba@acme.test');
    const id = await accountId('operator@usher.test');
    await query('delete from operators where account_id = $1', id);
    const late = await sendForm(operator, page, '', { reason: 'x' }, 'name="reason"');
    expect([late.status, await statusOf('dba@acme.test')]).toEqual([404, 'active']);
    await query('insert into operators (account_id) values ($1)', id);
  });
});
