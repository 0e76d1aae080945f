/** RFC 6750 section 2.1, RFC 9449 section 7.1: one token, in the Authorization header. */

import { expect, test } from 'vitest';
import { readAuthorization } from '../../src/resource-server/presented-token.ts';

const token = { kind: 'token', scheme: 'Bearer', token: 'usher_at_abc' };

test.each([
  ['Bearer usher_at_abc', token],
  ['bearer usher_at_abc', token],
  ['BEARER   usher_at_abc', token],
  ['DPoP usher_at_abc', { ...token, scheme: 'DPoP' }],
  ['dpop a.b~c+d/e-f_g==', { ...token, scheme: 'DPoP', token: 'a.b~c+d/e-f_g==' }],
])('%s is a token', (header, presented) => {
  expect(readAuthorization(header)).toEqual(presented);
});

test.each([undefined, '', 'Basic dXNlcjpwYXNz', 'Bearerusher_at_abc', 'usher_at_abc'])(
  '%s is no token',
  (header) => {
    expect(readAuthorization(header)).toEqual({ kind: 'none' });
  },
);

test.each([
  ['no token', 'Bearer'],
  ['only a space', 'Bearer '],
  ['two words', 'Bearer one two'],
  ['two headers', 'Bearer one, Bearer two'],
  ['another scheme behind it', 'Bearer one, Basic dXNlcg=='],
  ['quotes', 'Bearer "one"'],
  ['padding in the middle', 'Bearer o=ne'],
  ['a letter outside ASCII', 'Bearer oné'],
  ['a thousand characters', `Bearer ${'x'.repeat(1_000)}`],
  ['a tab', 'Bearer \tone'],
  ['a line end', 'Bearer one\n'],
])('%s: malformed', (_what, header) => {
  expect(readAuthorization(header)).toEqual({ kind: 'malformed', scheme: 'Bearer' });
});
