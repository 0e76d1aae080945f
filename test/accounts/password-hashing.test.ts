/** NIST SP 800-63B section 3.1.1.2, RFC 9106: passwords, hashed with the real argon2id. */

import { createHook } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import {
  checkPassword,
  hashPassword,
  needsRehash,
  verifyPassword,
} from '../../src/accounts/password-hashing.ts';
import { StoredDataError, TooBusyError, UnfitPasswordError } from '../../src/lib/errors.ts';

const password = 'correct horse battery staple';
const stored = await hashPassword(password);

/** Counts the argon2 computations that Node really starts while the work goes on. */
async function argon2RunsDuring(work: () => Promise<unknown>): Promise<number> {
  let runs = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'ARGON2REQUEST') runs += 1;
    },
  }).enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return runs;
}

describe('hashPassword', () => {
  test('writes the PHC string with the parameters of OWASP', () => {
    expect(stored).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    expect(stored).not.toContain(password);
  });

  test('salts: the same password twice is not the same hash', async () => {
    expect(await hashPassword(password)).not.toBe(stored);
  });

  test.each([
    ['too_short', '1234567'],
    ['too_short', '\u{1f511}'.repeat(7)],
    ['too_long', 'a'.repeat(1025)],
    ['too_long', '\u00e9'.repeat(513)],
    ['too_long', '\ufdfa'.repeat(300)],
    ['too_long', 'a'.repeat(1_000_000)],
    ['not_text', `\ud800${password}`],
  ])('refuses %s before anything is hashed', async (fault, unfit) => {
    expect(checkPassword(unfit)).toBe(fault);
    const runs = await argon2RunsDuring(() =>
      expect(hashPassword(unfit)).rejects.toThrow(UnfitPasswordError),
    );
    expect(runs).toBe(0);
  });

  test.each([
    ['8 characters', '12345678'],
    ['64 characters', 'a'.repeat(64)],
    ['1,024 bytes', 'a'.repeat(1024)],
    ['8 keys', '\u{1f511}'.repeat(8)],
    ['spaces', '        '],
    ['NUL', 'pass\0word'],
  ])('accepts %s', (_what, fit) => {
    expect(checkPassword(fit)).toBeUndefined();
  });
});

describe('verifyPassword', () => {
  test.each([
    ['the password', password, true],
    ['another', 'correct horse battery staples', false],
    ['another case', password.toUpperCase(), false],
    ['a space more', `${password} `, false],
    ['nothing', '', false],
    ['a megabyte', 'a'.repeat(1_000_000), false],
    ['a lone surrogate', '\ud800', false],
  ])('%s', async (_what, attempt, answer) => {
    expect(await verifyPassword(stored, attempt)).toBe(answer);
  });

  test('reads to the last byte: no limit of 72, no end at NUL', async () => {
    const long = `${'a'.repeat(500)}\0`;
    const hash = await hashPassword(`${long}b`);
    expect(await verifyPassword(hash, `${long}b`)).toBe(true);
    expect(await verifyPassword(hash, `${long}c`)).toBe(false);
  });

  test('one password, whichever way the keyboard composes it (NFKC)', async () => {
    const hash = await hashPassword('cr\u00e8me br\u00fbl\u00e9e');
    expect(await verifyPassword(hash, 'cre\u0300me bru\u0302le\u0301e')).toBe(true);
  });

  test('reads what other argon2 programs write (the reference program, t=2 m=65536 p=4)', async () => {
    const hash =
      '$argon2id$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$GpZ3sK/oH9p7VIiV56G/64Zo/8GaUw434IimaPqxwCo';
    expect(await verifyPassword(hash, 'password')).toBe(true);
    expect(needsRehash(hash)).toBe(true);
  });

  test('without an account it hashes just as it does with one, and says no', async () => {
    const known = await argon2RunsDuring(async () => {
      expect(await verifyPassword(stored, 'a wrong password')).toBe(false);
    });
    const unknown = await argon2RunsDuring(async () => {
      expect(await verifyPassword(undefined, 'a wrong password')).toBe(false);
    });
    expect([known, unknown]).toEqual([1, 1]);
  });

  test('an over-long password is hashed neither with an account nor without', async () => {
    const runs = await argon2RunsDuring(async () => {
      expect(await verifyPassword(stored, 'a'.repeat(1025))).toBe(false);
      expect(await verifyPassword(undefined, 'a'.repeat(1025))).toBe(false);
    });
    expect(runs).toBe(0);
  });

  test.each([
    ['nothing', ''],
    ['the password itself', password],
    ['another algorithm', stored.replace('argon2id', 'argon2i')],
    ['no tag', stored.slice(0, stored.lastIndexOf('$') + 1)],
    ['a line more', `${stored}\n`],
  ])('throws when what is stored is %s', async (_what, broken) => {
    await expect(verifyPassword(broken, password)).rejects.toThrow(StoredDataError);
    expect(() => needsRehash(broken)).toThrow(StoredDataError);
  });
});

describe('needsRehash', () => {
  test.each([
    ['today', stored, false],
    ['less memory', stored.replace('m=19456', 'm=12288'), true],
    ['more passes', stored.replace('t=2', 't=3'), true],
    ['more lanes', stored.replace('p=1', 'p=2'), true],
    ['a shorter tag', stored.slice(0, -11), true],
  ])('%s: %s', (_what, hash, answer) => {
    expect(needsRehash(hash)).toBe(answer);
  });
});

describe('the queue', () => {
  test('two run, 64 wait, the next is refused without a hash; then there is room again', async () => {
    let refused: PromiseSettledResult<boolean>[] = [];
    const runs = await argon2RunsDuring(async () => {
      // Known and unknown accounts stand in the same queue.
      const attempts = Array.from({ length: 70 }, (_, index) =>
        verifyPassword(index % 2 === 0 ? stored : undefined, 'a wrong password'),
      );
      const results = await Promise.allSettled(attempts);
      refused = results.filter((result) => result.status === 'rejected');
      expect(results.slice(0, 66).every((result) => result.status === 'fulfilled')).toBe(true);
    });
    expect(runs).toBe(66);
    expect(refused).toHaveLength(4);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(TooBusyError);
      expect(reason).toMatchObject({ code: 'too_busy' });
    }
    expect(await verifyPassword(stored, password)).toBe(true);
  });

  test('never more than two at once', async () => {
    const open = new Set<number>();
    let most = 0;
    const hook = createHook({
      init: (id, type) => {
        if (type !== 'ARGON2REQUEST') return;
        open.add(id);
        most = Math.max(most, open.size);
      },
      before: (id) => open.delete(id),
    }).enable();
    await Promise.all(Array.from({ length: 12 }, () => verifyPassword(undefined, password)));
    hook.disable();
    expect(most).toBe(2);
  });

  test('a hash that fails gives its place back', async () => {
    // 19 KiB for 100 lanes: argon2 refuses, after the hash has taken its place.
    const impossible = stored.replace('m=19456,t=2,p=1', 'm=19,t=2,p=100');
    const failures = Array.from({ length: 5 }, () => verifyPassword(impossible, password));
    const results = await Promise.allSettled(failures);
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(await verifyPassword(stored, password)).toBe(true);
  });
});
