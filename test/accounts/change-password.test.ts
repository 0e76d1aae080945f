/** OWASP ASVS 5 sections 6.2.3 and 7.4.3: the old password is asked for, other sessions end. */

import { expect, test } from 'vitest';
import { changePassword } from '../../src/accounts/change-password.ts';
import { endOtherSessions } from '../../src/accounts/end-other-sessions.ts';
import { signIn } from '../../src/accounts/sign-in.ts';
import { listAccountSessions } from '../../src/storage/people/sessions.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { addAccount, addSession, password } from './people.ts';

const database = forAllTests(openTestDatabase);

const origin = { address: '192.0.2.1', userAgent: 'test' };
const newPassword = 'another horse battery';

async function person() {
  const account = await addAccount(database.db);
  const kept = await addSession(database.db, account.id);
  await addSession(database.db, account.id);
  return { account, kept, accountId: account.id };
}

function change(who: { accountId: string; kept: string }, current: string, next = newPassword) {
  return changePassword({
    work: database.db,
    accountId: who.accountId,
    currentPassword: current,
    newPassword: next,
    keptSessionUid: who.kept,
    origin,
  });
}

function outcomeOf(email: string, given: string) {
  const attempt = { db: database.db, email, password: given, origin, knownDevice: undefined };
  return signIn(attempt).then(({ outcome }) => outcome);
}

async function sessionsOf(accountId: string) {
  return (await listAccountSessions(database.db, accountId)).map(({ uid }) => uid);
}

test('the new password counts, the old one no longer, and other sessions are over', async () => {
  const who = await person();
  expect(await change(who, password)).toMatchObject({ outcome: 'changed', endedSessions: 1 });
  expect(await outcomeOf(who.account.email, newPassword)).toBe('signed_in');
  expect(await outcomeOf(who.account.email, password)).toBe('refused');
  expect(await sessionsOf(who.accountId)).toEqual([who.kept]);
});

test.each([
  ['wrong_password', 'not the password', newPassword],
  ['too_short', password, 'short'],
  ['too_long', password, 'x'.repeat(1_025)],
])('%s changes nothing', async (why, current, next) => {
  const who = await person();
  expect(await change(who, current, next)).toEqual({ outcome: 'refused', why });
  expect(await sessionsOf(who.accountId)).toHaveLength(2);
  expect(await outcomeOf(who.account.email, password)).toBe('signed_in');
});

test('whoever found an open browser cannot guess the password there', async () => {
  const who = await person();
  for (let i = 0; i < 10; i++) await change(who, 'x'.repeat(2_000));
  expect(await change(who, password)).toMatchObject({ outcome: 'throttled' });
});

test('of two changes at once, one counts', async () => {
  const who = await person();
  const both = [change(who, password, 'first new one'), change(who, password, 'second new one')];
  const outcomes = (await Promise.all(both)).map(({ outcome }) => outcome);
  expect(outcomes.sort()).toEqual(['changed', 'refused']);
});

test('signing out everywhere else leaves this session and other people', async () => {
  const who = await person();
  const other = await person();
  const asked = { accountId: who.accountId, keptSessionUid: who.kept, origin };
  expect(await endOtherSessions(database.db, asked)).toBe(1);
  expect(await sessionsOf(who.accountId)).toEqual([who.kept]);
  expect(await sessionsOf(other.accountId)).toHaveLength(2);
});
