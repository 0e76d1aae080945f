/** NIST SP 800-63B section 3.1.1.2: any characters, no rules of composition, nothing that is tried first. */

import { describe, expect, test } from 'vitest';
import { judgeNewPassword } from '../../src/accounts/new-password.ts';

const ada = { email: 'ada.lovelace@engines.test', name: 'Ada Lovelace' };

describe('a new password', () => {
  test.each([
    ['without a digit or sign', 'correct horse battery'],
    ['of one kind of letters', 'zebralampviolin'],
    ['of another script', 'конь батарея скрепка'],
    ['of signs that are no letters', '🐴🔋📎🖇️🪟🧲🪗🎻'],
    ['with spaces around it', '  velvet turbine  '],
    ['made at random', 'x7!kQ9z2'],
    ['of 200 characters', 'velvet turbine '.repeat(14).slice(0, 200)],
  ])('%s is fine', async (_what, password) => {
    expect(await judgeNewPassword(password, ada)).toBeUndefined();
  });

  test.each([
    ['too_short', 'x7!kQ9z'],
    ['too_short', 'ﬃﬃ'], // 6 characters in the form that is hashed
    ['too_long', 'velvet turbine '.repeat(14).slice(0, 201)],
    ['not_text', 'velvet turbine \ud800'],
    ['common', 'password'],
    ['common', 'iloveyou2'],
    ['common', 'Password123!'],
    ['common', 'letmein1!'],
    ['common', 'ｐａｓｓｗｏｒｄ'],
    ['pattern', 'passwordpassword'],
    ['personal', 'lovelace'],
    ['personal', 'Ada.Lovelace@Engines.test'],
    ['personal', 'adalovelace1'],
    ['personal', 'Lovelace!Ada'],
    ['personal', 'engines1'],
    ['pattern', 'aaaaaaaa'],
    ['pattern', 'abcabcabc'],
    ['pattern', '密码密码密码密码'],
  ])('is refused as %s: %s', async (fault, password) => {
    expect(await judgeNewPassword(password, ada)).toBe(fault);
  });

  test('of 200 characters is judged by its first 64, in bounded work', async () => {
    const password = 'aB3$'.repeat(16) + 'velvet turbine '.repeat(9);
    expect(await judgeNewPassword(password.slice(0, 200), ada)).toBe('pattern');
  });

  test('of somebody whose name is not known is judged all the same', async () => {
    expect(await judgeNewPassword('password1', { email: 'x@y.test' })).toBe('common');
    expect(await judgeNewPassword('velvet turbine', { email: 'x@y.test' })).toBeUndefined();
  });
});
