/** `SETUP_EMAIL`: the first operator by mail, only while no operator was ever named. */

import { afterEach, describe, expect, test } from 'vitest';
import { composeSetUp, inviteFirstOperator, setUpMail } from '../../src/accounts/first-operator.ts';
import { readSetUpLink, setUp } from '../../src/accounts/set-up.ts';
import { readConfig } from '../../src/config.ts';
import { newId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertAccount } from '../../src/storage/people/accounts.ts';
import { commandsOn } from '../operator/operators.ts';
import { openTestDatabase } from '../support/database.ts';
import { forEachTest } from '../support/for-all-tests.ts';
import { texts } from '../support/texts.ts';

const issuer = 'https://usher.test';
const email = 'first@usher.test';
const origin = { address: '127.0.0.1', userAgent: 'test' };

const database = forEachTest(openTestDatabase);
afterEach(() => database.close());

const rows = (sql: string) => database.db.query<Record<string, unknown>>(statement(sql));
const operators = () =>
  rows(
    `select a.id, a.email, a.password_hash from operators o join accounts a on a.id = o.account_id`,
  );
const waiting = () => rows('select kind, subject_id from mail_outbox');

const parts = { issuer, messages: texts };
const password = 'nobody tries this one first';

/** Opens the mail that waits, and takes the token out of it. */
async function tokenFromMail(accountId: unknown): Promise<string> {
  const mail = await composeSetUp(database.db, String(accountId), parts);
  expect(mail?.to).toBe(email);
  return /\/set-up\/(usher_setup_\w+)/.exec(mail?.text ?? '')?.[1] ?? '';
}

const account = (id: string) =>
  rows(`select password_hash, email_verified_at is not null as proven from accounts
         where id = '${id}'`).then(([row]) => row);

describe('while no operator was ever named', () => {
  test('asks one by mail, whose link sets the account up, proves the address and names them', async () => {
    expect(await inviteFirstOperator(database.db, email)).toBe(true);
    const [mail] = await waiting();
    expect([mail?.['kind'], await operators()]).toEqual([setUpMail, []]);
    const id = String(mail?.['subject_id']);
    const token = await tokenFromMail(id);
    expect(await account(id)).toEqual({ password_hash: null, proven: false });
    const result = await setUp({ db: database.db, token, password, origin });
    expect(result.outcome).toBe('set');
    expect((await readSetUpLink(database.db, token))?.state).toBe('used');
    expect(await operators()).toMatchObject([{ id, email }]);
    expect((await account(id))?.['proven']).toBe(true);
    expect(await inviteFirstOperator(database.db, email)).toBe(false);
  });

  test('of eight at once, one does, and eight uses of the link count once', async () => {
    const asked = Array.from({ length: 8 }, () => inviteFirstOperator(database.db, email));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
    const [mail, ...more] = await waiting();
    expect(more).toEqual([]);
    const token = await tokenFromMail(mail?.['subject_id']);
    const uses = Array.from({ length: 8 }, () =>
      setUp({ db: database.db, token, password, origin }),
    );
    const outcomes = (await Promise.all(uses)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'set')).toHaveLength(1);
    expect(await operators()).toHaveLength(1);
  });

  test('whoever made an account under the address beforehand keeps it as it is, and gains nothing', async () => {
    const id = newId();
    const stranger = { id, email, name: 'A stranger', passwordHash: 'a hash' };
    await insertAccount(database.db, { ...stranger, emailVerifiedAt: undefined });
    await inviteFirstOperator(database.db, email);
    const token = await tokenFromMail(id);
    expect(await operators()).toEqual([]);
    expect(await account(id)).toEqual({ password_hash: 'a hash', proven: false });
    await setUp({ db: database.db, token, password, origin });
    const [operator] = await operators();
    expect(operator).toMatchObject({ id, email });
    expect(operator?.['password_hash']).not.toBe('a hash');
    expect((await account(id))?.['proven']).toBe(true);
  });

  test('an address that was mistyped is replaced by the next start, and its link names nobody', async () => {
    await inviteFirstOperator(database.db, email);
    const [mistyped] = await waiting();
    const token = await tokenFromMail(mistyped?.['subject_id']);
    expect(await inviteFirstOperator(database.db, 'right@usher.test')).toBe(true);
    expect(
      await composeSetUp(database.db, String(mistyped?.['subject_id']), parts),
    ).toBeUndefined();
    expect((await setUp({ db: database.db, token, password, origin })).outcome).toBe('set');
    expect(await operators()).toEqual([]);
  });

  test('asks again once the link of the mail has expired', async () => {
    expect(await inviteFirstOperator(database.db, email)).toBe(true);
    expect(await inviteFirstOperator(database.db, email)).toBe(false);
    await rows(`update first_operator set invited_at = now() - interval '25 hours'`);
    expect(await inviteFirstOperator(database.db, email)).toBe(true);
  });

  test('an operator who is named meanwhile is the first, and the mailed link only sets up', async () => {
    await inviteFirstOperator(database.db, email);
    const [mail] = await waiting();
    const token = await tokenFromMail(mail?.['subject_id']);
    await commandsOn(database.db, issuer)('operator', 'add', 'earlier@usher.test');
    expect((await setUp({ db: database.db, token, password, origin })).outcome).toBe('set');
    expect(await operators()).toMatchObject([{ email: 'earlier@usher.test' }]);
  });

  test('a link that was printed proves no address', async () => {
    const printed = await commandsOn(database.db, issuer)('operator', 'add', email);
    const token = /(usher_setup_\w+)/.exec(JSON.stringify(printed))?.[1] ?? '';
    expect((await setUp({ db: database.db, token, password, origin })).outcome).toBe('set');
    const [operator] = await operators();
    expect((await account(String(operator?.['id'])))?.['proven']).toBe(false);
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
  expect(() => readConfig({ ...smtp, SETUP_EMAIL: 'a@exämple.com' })).toThrow(/in ASCII \(xn--/);
  expect(readConfig({ ...smtp, SETUP_EMAIL: 'First@Usher.test' }).setUpEmail).toBeDefined();
});
