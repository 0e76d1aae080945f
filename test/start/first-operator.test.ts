/** `SETUP_EMAIL`: the first operator by mail, only while no operator was ever named. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeSetUp, inviteFirstOperator, setUpMail } from '../../src/accounts/first-operator.ts';
import { readSetUpLink, setUp } from '../../src/accounts/set-up.ts';
import { readConfig } from '../../src/config.ts';
import { newId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertAccount } from '../../src/storage/people/accounts.ts';
import { commandsOn } from '../operator/operators.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { texts } from '../support/texts.ts';

const issuer = 'https://usher.test';
const email = 'first@usher.test';
const origin = { address: '127.0.0.1', userAgent: 'test' };

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const rows = (sql: string) => database.db.query<Record<string, unknown>>(statement(sql));
const operators = () =>
  rows(
    `select a.id, a.email, a.password_hash from operators o join accounts a on a.id = o.account_id`,
  );
const waiting = () => rows('select kind, subject_id from mail_outbox');

describe('while no operator was ever named', () => {
  test('makes one, whose mail has the link that sets the account up', async () => {
    expect(await inviteFirstOperator(database.db, email)).toBe(true);
    const [operator] = await operators();
    expect(operator).toMatchObject({ email, password_hash: null });
    expect(await waiting()).toEqual([{ kind: setUpMail, subject_id: operator?.['id'] }]);
    const parts = { issuer, messages: texts };
    const mail = await composeSetUp(database.db, String(operator?.['id']), parts);
    const token = /\/set-up\/(usher_setup_\w+)/.exec(mail?.text ?? '')?.[1] ?? '';
    expect([mail?.to, mail?.text.includes(issuer)]).toEqual([email, true]);
    const password = 'nobody tries this one first';
    const result = await setUp({ db: database.db, token, password, origin });
    expect(result.outcome).toBe('set');
    expect((await readSetUpLink(database.db, token))?.state).toBe('used');
  });

  test('of eight at once, one does', async () => {
    const asked = Array.from({ length: 8 }, (_, n) =>
      inviteFirstOperator(database.db, `first${n}@usher.test`),
    );
    const done = await Promise.all(asked);
    expect(done.filter(Boolean)).toHaveLength(1);
    expect([(await operators()).length, (await waiting()).length]).toEqual([1, 1]);
  });

  test('whoever made an account under the address beforehand gets nothing', async () => {
    const id = newId();
    const account = {
      id,
      email,
      name: 'A stranger',
      passwordHash: 'a hash',
      emailVerifiedAt: undefined,
    };
    await insertAccount(database.db, account);
    await inviteFirstOperator(database.db, email);
    expect(await operators()).toEqual([{ id, email, password_hash: null }]);
  });
});

test('does nothing once there was an operator, also when none is left', async () => {
  const run = commandsOn(database.db, issuer);
  await run('operator', 'add', 'earlier@usher.test');
  expect(await inviteFirstOperator(database.db, email)).toBe(false);
  await run('operator', 'remove', 'earlier@usher.test');
  expect(await inviteFirstOperator(database.db, email)).toBe(false);
  expect([await operators(), await waiting()]).toEqual([[], []]);
});

test('is said at the start to need a mail server, and an address', () => {
  expect(() => readConfig({ SETUP_EMAIL: email })).toThrow(/SETUP_EMAIL: needs SMTP_URL/);
  const smtp = { SMTP_URL: 'smtp://127.0.0.1:25' };
  expect(() => readConfig({ ...smtp, SETUP_EMAIL: 'nobody' })).toThrow(/SETUP_EMAIL: must be/);
  expect(readConfig({ ...smtp, SETUP_EMAIL: 'First@Usher.test' }).setUpEmail).toBeDefined();
});
