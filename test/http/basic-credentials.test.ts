/** A client's id and secret by HTTP Basic (RFC 6749 section 2.3.1, RFC 7617 section 2). */

import { describe, expect, test } from 'vitest';
import { readBasicCredentials, visibleCredentials } from '../../src/http/basic-credentials.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('readBasicCredentials', () => {
  test('decodes both as form fields; the secret may hold colons', () => {
    expect(readBasicCredentials(basic('my+client:a%3Ab:c%25'))).toEqual({
      clientId: 'my client',
      clientSecret: 'a:b:c%',
    });
  });

  test('the scheme is case-insensitive', () => {
    expect(readBasicCredentials(basic('a:b').replace('Basic', 'bASIC'))).toBeDefined();
  });

  test.each([
    ['no colon', basic('client')],
    ['no id', basic(':secret')],
    ['no secret', basic('client:')],
    ['a broken escape', basic('client:%zz')],
    ['a control character', basic('client:%00')],
    ['a character that is not ASCII', basic('client:é')],
    ['another scheme', basic('a:b').replace('Basic', 'Bearer')],
    ['Base64 with a space in it', 'Basic YT pi'],
    ['nothing', ''],
  ])('refuses %s', (_what, header) => {
    expect(readBasicCredentials(header)).toBeUndefined();
  });
});

test('visibleCredentials wants both', () => {
  expect(visibleCredentials('a', 'b')).toEqual({ clientId: 'a', clientSecret: 'b' });
  expect(visibleCredentials('a')).toBeUndefined();
  expect(visibleCredentials(undefined, 'b')).toBeUndefined();
});
