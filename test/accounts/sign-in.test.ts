/** OWASP ASVS 5 sections 6.3.1 and 6.3.8: guesses are few, and answers tell nothing. */

import { argon2Sync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { needsRehash } from '../../src/accounts/password-hashing.ts';
import { signIn } from '../../src/accounts/sign-in.ts';
import { limit } from '../../src/accounts/throttle.ts';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findAccountWithPassword } from '../../src/storage/people/accounts.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { addAccount, password } from './people.ts';

const database = forAllTests(openTestDatabase);

/** Longer than any password: refused like a wrong one, and at once. */
const wrong = 'x'.repeat(2_000);
let addresses = 0;

interface Attempt {
  password?: string;
  address?: string;
  knownDevice?: string;
}

/** One attempt, from an address of its own unless it names one. */
function attempt(email: string, { password: given = wrong, address, knownDevice }: Attempt = {}) {
  addresses += 1;
  const origin = { address: address ?? `192.0.2.${addresses}`, userAgent: 'test' };
  return signIn({ db: database.db, email, password: given, origin, knownDevice });
}

async function attemptTimes(times: number, email: string, change: Attempt = {}) {
  const outcomes: string[] = [];
  for (let i = 0; i < times; i++) outcomes.push((await attempt(email, change)).outcome);
  return outcomes;
}

async function auditOf(accountId: string) {
  const select = statement(
    `select action, outcome, address, actor_account_id as actor from audit_events
      where subject = $1 order by id`,
  );
  return database.db.query(select, [printId('user', accountId)]);
}

describe('who gets in', () => {
  test.each([
    ['as it is', (email: string) => email],
    ['in capitals', (email: string) => email.toUpperCase()],
    ['with space around it', (email: string) => ` ${email} `],
  ])('the right password, the address %s', async (_how, spell) => {
    const account = await addAccount(database.db);
    const result = await attempt(spell(account.email), { password });
    expect(result).toEqual({ outcome: 'signed_in', account });
  });

  test('nobody else, and all are told the same', async () => {
    const { db } = database;
    const active = await addAccount(db);
    const suspended = await addAccount(db, { status: 'suspended' });
    const withoutPassword = await addAccount(db, { passwordHash: undefined });
    const results = [
      await attempt(active.email, { password: 'wrong horse battery' }),
      await attempt(suspended.email, { password }),
      await attempt(withoutPassword.email, { password }),
      await attempt('nobody@acme.test', { password }),
      await attempt('not an address', { password }),
    ];
    for (const result of results) expect(result).toEqual({ outcome: 'refused' });
  });

  test('both are written down, with the address; who did not get in is not the account', async () => {
    const { id, email } = await addAccount(database.db);
    await attempt(email, { address: '198.51.100.1' });
    await attempt(email, { address: '198.51.100.1', password });
    const address = '198.51.100.1';
    expect(await auditOf(id)).toEqual([
      { action: 'sign_in.refused', outcome: 'refused', address, actor: null },
      { action: 'sign_in.succeeded', outcome: 'done', address, actor: id },
    ]);
  });

  test('a hash of an older cost is made anew', async () => {
    const salt = randomBytes(16);
    const cost = { memory: 8_192, passes: 2, parallelism: 1 };
    const tag = argon2Sync('argon2id', { ...cost, message: password, nonce: salt, tagLength: 32 });
    const print = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
    const older = `$argon2id$v=19$m=8192,t=2,p=1$${print(salt)}$${print(tag)}`;
    const { id, email } = await addAccount(database.db, { passwordHash: older });

    expect(await attempt(email, { password })).toMatchObject({ outcome: 'signed_in' });
    const renewed = await findAccountWithPassword(database.db, { id });
    expect(needsRehash(renewed?.passwordHash ?? '')).toBe(false);
    expect(await attempt(email, { password })).toMatchObject({ outcome: 'signed_in' });
  });
});

describe('an account', () => {
  test.each([
    ['that exists', async () => (await addAccount(database.db)).email],
    ['that does not', async () => 'ghost@acme.test'],
  ])('%s can be tried ten times, then not even with the right password', async (_which, find) => {
    const email = await find();
    expect(await attemptTimes(10, email)).toEqual(Array(10).fill('refused'));
    const result = await attempt(email, { password });
    expect(result).toEqual({ outcome: 'throttled', retryAfterSeconds: expect.any(Number) });
  });

  test('fifty guesses at once: ten are looked at', async () => {
    const { email } = await addAccount(database.db);
    const guesses = Array.from({ length: 50 }, () => attempt(email, { password: 'a wrong guess' }));
    const outcomes = (await Promise.all(guesses)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'throttled')).toHaveLength(40);
  });

  test('success starts its count again', async () => {
    const { email } = await addAccount(database.db);
    await attemptTimes(9, email);
    await attempt(email, { password });
    expect(await attemptTimes(10, email)).toEqual(Array(10).fill('refused'));
  });

  test('can be tried again when the window has ended', async () => {
    const { email } = await addAccount(database.db);
    await attemptTimes(11, email);
    await database.db.query(statement('update attempt_counters set window_ends_at = now()'));
    expect(await attempt(email, { password })).toMatchObject({ outcome: 'signed_in' });
  });

  test('is not locked for the browser that it knows', async () => {
    const { email } = await addAccount(database.db);
    await attemptTimes(11, email);
    const known = { password, knownDevice: 'device' };
    expect(await attempt(email, known)).toMatchObject({ outcome: 'signed_in' });
    expect(await attempt(email, { password })).toMatchObject({ outcome: 'throttled' });
  });

  test('a known browser has a limit too', async () => {
    const { email } = await addAccount(database.db);
    const outcomes = await attemptTimes(11, email, { knownDevice: 'stolen' });
    expect(outcomes.at(-1)).toBe('throttled');
  });
});

describe('an address', () => {
  test('can try a hundred times, whatever the account', async () => {
    const { email } = await addAccount(database.db);
    for (let i = 0; i < 100; i++) {
      const address = `2001:db8:0:1::${i.toString(16)}`;
      const { outcome } = await attempt(`sprayed${i}@acme.test`, { address });
      expect(outcome).toBe('refused');
    }
    const same = { password, address: '2001:db8:0:1:ffff::1' };
    expect(await attempt(email, same)).toMatchObject({ outcome: 'throttled' });
    const other = { password, address: '2001:db8:0:2::1' };
    expect(await attempt(email, other)).toMatchObject({ outcome: 'signed_in' });
  });

  test('what it tries beyond its limit is not held against the account', async () => {
    const { email } = await addAccount(database.db);
    const address = '203.0.113.7';
    for (let i = 0; i < 100; i++) await attempt(`other${i}@acme.test`, { address });
    expect(await attemptTimes(11, email, { address })).toEqual(Array(11).fill('throttled'));
    expect(await attempt(email, { password })).toMatchObject({ outcome: 'signed_in' });
  });

  test('whoever gets in uses none of it up', async () => {
    const { email } = await addAccount(database.db);
    const address = '203.0.113.8';
    for (let i = 0; i < 99; i++) await attempt(`third${i}@acme.test`, { address });
    expect(await attemptTimes(3, email, { address, password })).toEqual(Array(3).fill('signed_in'));
  });
});

describe('sign-ins that succeed', () => {
  /** As if so many had succeeded in this window. */
  async function succeeded(times: number, ...names: string[]): Promise<void> {
    await database.db.query(
      statement(`insert into attempt_counters (bucket, attempts, window_ends_at)
                 values ($1, $2, now() + interval '15 min')`),
      [limit(0, 'sign-in', ...names).bucket, times],
    );
  }

  test('are limited for an account, in browsers that it knows, too; wrong guesses do not count', async () => {
    const { email } = await addAccount(database.db);
    await succeeded(498, 'all of an account', email);
    await attempt(email, { knownDevice: 'a' });
    expect(await attempt(email, { password, knownDevice: 'a' })).toMatchObject(signedIn);
    expect(await attempt(email, { password, knownDevice: 'b' })).toMatchObject(signedIn);
    expect((await attempt(email, { password, knownDevice: 'c' })).outcome).toBe('throttled');
  });

  test('are limited for a network', async () => {
    const { email } = await addAccount(database.db);
    await succeeded(1_999, 'all of a network', '203.0.113.77');
    const there = { password, address: '203.0.113.77', knownDevice: 'a' };
    expect(await attempt(email, there)).toMatchObject(signedIn);
    expect((await attempt(email, there)).outcome).toBe('throttled');
    expect(await attempt(email, { password })).toMatchObject(signedIn);
  });

  const signedIn = { outcome: 'signed_in' };
});
