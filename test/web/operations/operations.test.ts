/** Operators at browsers without JavaScript; for everybody else there is no such page. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { createPasskey } from '../../support/authenticator.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import { createUserAgent, fill, type UserAgent } from '../../support/user-agent.ts';
import { sendForm, textOf } from '../console/console-people.ts';

const server = forAllTests(startTestServer);
let operator: UserAgent;
beforeAll(async () => {
  operator = await signedInAs(server, 'operator@usher.test');
});

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

  test('no page leads there, and the pages of an operator do', async () => {
    const member = await signedInAs(server, 'member@acme.test');
    expect((await member.get('/account')).html).not.toContain('href="/operations"');
    for (const path of ['/account', '/organizations', '/operations']) {
      expect((await operator.get(path)).html).toContain('href="/operations"');
    }
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

  test('finds an app by its ID, which may have capitals, and says where there are more than are shown', async () => {
    const id = 'https://tools.test/Client.json';
    const copy = statement(`insert into clients
      select (jsonb_populate_record(c, jsonb_build_object(
        'id', $1::text || case when n = 0 then '' else n::text end, 'name', 'tools.test'))).*
      from clients c, generate_series(0, 10) n where c.id = 'demo-cli'`);
    await server.database.db.query(copy, [id]);
    const one = textOf(await search(id));
    expect([one.includes(id), one.includes('Only the first')]).toEqual([true, false]);
    const many = textOf(await search('tools'));
    expect([
      many.split('https://tools.test/').length - 1,
      many.includes('Only the first 10'),
    ]).toEqual([10, true]);
    await server.database.db.query(statement('delete from clients where id like $1'), [`${id}%`]);
  });

  test('cannot suspend themselves', async () => {
    const page = await search('operator@usher.test');
    expect(textOf(page)).toContain('Your account');
    expect(page.html).not.toContain('name="reason"');
    const others = await search('dba@acme.test');
    const own = printId('user', await accountId('operator@usher.test'));
    const html = others.html.replaceAll(/user_[0-9a-f]{32}/g, own);
    const done = await sendForm(
      operator,
      { ...others, html },
      '',
      { reason: 'x' },
      'name="reason"',
    );
    expect([done.status, await statusOf('operator@usher.test')]).toEqual([403, 'active']);
  });

  test('a reason that is too long is kept to be shortened', async () => {
    const page = await search('dba@acme.test');
    const long = 'Stolen '.repeat(50);
    const again = await sendForm(operator, page, '', { reason: long }, 'name="reason"');
    expect([again.status, again.html.includes(long.trim())]).toEqual([422, true]);
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

  test('suspends and reinstates an organization, with a reason that its members see', async () => {
    const about = 'name="reason"';
    const page = await search('vault');
    expect(textOf(page)).toContain('Members of the organization see it, too');
    const without = await sendForm(operator, page, '', { reason: '' }, about);
    expect(without.status).toBe(422);
    const done = await sendForm(operator, without, '', { reason: 'Unpaid' }, about);
    expect(textOf(done)).toContain('It is suspended.');
    const member = await signedInAs(server, 'admin@vault.test');
    expect(textOf(await member.get('/organizations/vault'))).toContain(
      'Vault is suspended: Unpaid',
    );
    expect(await lastEvent('organization.suspended')).toMatchObject({
      outcome: 'done',
      after: { status: 'suspended', reason: 'Unpaid' },
    });
    const back = await sendForm(operator, done, '', { reason: 'Paid' }, about);
    expect(textOf(back)).toContain('It works again.');
    expect((await member.get('/organizations/vault')).status).toBe(200);
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

describe('an operator who has a passkey', () => {
  const email = 'member@acme.test';
  const fresh = (agent: UserAgent) => agent.get('/operations');
  const passkey = createPasskey();
  const make = async (agent: UserAgent) => {
    const path = '/account/security/passkeys';
    const { challenge } = JSON.parse((await agent.get(`${path}/options`)).html);
    const credential = passkey.make({ challenge, origin: server.issuer });
    const page = await agent.get('/account/security');
    await agent.submit(page, (fields) => fill(fields, 'credential', credential), path);
  };
  const use = async (agent: UserAgent) => {
    const { challenge } = JSON.parse((await agent.get('/sign-in/passkey/options')).html);
    return passkey.use({ challenge, origin: server.issuer });
  };
  beforeAll(async () => {
    await query('insert into operators (account_id) values ($1)', await accountId(email));
  });
  afterAll(async () => {
    await query('delete from operators where account_id = $1', await accountId(email));
  });

  test('comes in by it, and not by a password', async () => {
    const agent = await signedInAs(server, email);
    const page = await search('dba@acme.test', agent);
    expect(page.status).toBe(200);
    await make(agent);
    const asked = await fresh(agent);
    expect(asked.url).toContain('passkey=yes');
    expect(textOf(asked)).toContain('You have a passkey');
    expect(asked.html).not.toContain('type="password"');
    const late = await sendForm(agent, page, '', { reason: 'x' }, 'name="reason"');
    expect([late.url.includes('passkey=yes'), await statusOf('dba@acme.test')]).toEqual([
      true,
      'active',
    ]);
    const byPassword = await agent.submit(asked, (fields) => [
      ...fields.filter(([name]) => name !== 'credential'),
      ['email', email],
      ['password', 'usher-demo'],
    ]);
    expect(byPassword.status).toBe(422);
    expect(textOf(byPassword)).toContain('A password isn’t enough for the next step.');
    expect((await fresh(await signedInAs(server, email))).url).toContain('passkey=yes');

    const credential = await use(agent);
    const opened = await agent.submit(byPassword, (fields) =>
      fill(fields, 'credential', credential),
    );
    expect([opened.status, textOf(opened).includes('Health')]).toEqual([200, true]);
  });
});

describe('health', () => {
  const lines = async () => {
    const text = textOf(await operator.get('/operations'));
    return text.slice(text.lastIndexOf('Health'));
  };

  test('says that all is well', async () => {
    await query('delete from mail_outbox');
    const text = await lines();
    expect(text).toMatch(/Storage Good.*Migrations Good.*Mail Good.*Keys Good/);
    expect(text).toContain('made today');
  });

  test('says what to do about old keys, and mail that waits', async () => {
    await query(`update keys set created_at = now() - interval '400 days'`);
    await query(`insert into mail_outbox (id, kind, subject_id, created_at, next_attempt_at)
      values (gen_random_uuid(), 'unknown-kind', gen_random_uuid(), now() - interval '20 minutes', now())`);
    const text = await lines();
    await query('update keys set created_at = now()');
    await query('delete from mail_outbox');
    expect(text).toMatch(/Mail Needs you 1 mail waits.*20 minutes.*SMTP_URL/);
    expect(text).toMatch(/Keys Needs you.*400 days ago.*keys rotate/);
  });

  test('says what to do about migrations, of this version and of a newer one', async () => {
    await query(
      `insert into knex_migrations (name, batch, migration_time) values ('9-later.ts', 99, now())`,
    );
    expect(await lines()).toMatch(/Migrations Needs you.*1 migration that.*Update this node/);
    const [last] = await query<{ name: string }>(`delete from knex_migrations where id =
      (select id from knex_migrations where name < '9' order by name desc limit 1) returning name`);
    expect(await lines()).toMatch(/Migrations Needs you 1 has not run.*npm run migrate/);
    await query(
      'insert into knex_migrations (name, batch, migration_time) values ($1, 1, now())',
      last?.name ?? '',
    );
    await query(`delete from knex_migrations where name = '9-later.ts'`);
    expect(await lines()).toContain('Migrations Good');
  });
});
