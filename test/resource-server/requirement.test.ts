/** All or any of the scopes, and what is missing of them. */

import { expect, test } from 'vitest';
import { allOf, anyOf, missingScopes } from '../../src/resource-server/requirement.ts';

const [read, write] = ['database:read_branches', 'database:write_branches'];

test.each([
  ['all held', allOf(read, write), [write, read], []],
  ['all of two, one held', allOf(read, write), [read], [write]],
  ['all of two, none held', allOf(read, write), [], [read, write]],
  ['any of two, the second held', anyOf(read, write), [write], []],
  ['any of two, none held: the first is asked for', anyOf(read, write), ['user:read_user'], [read]],
  ['one held at another level only', allOf(read), ['organization:read_branches'], [read]],
  ['one held under a longer name only', allOf(read), [`${read}_deep`], [read]],
])('%s', (_sentence, requirement, held, missing) => {
  expect(missingScopes(requirement, held)).toEqual(missing);
});

test.each([
  '',
  'read_branches',
  'database:',
  'database:read branches',
  'planet:read',
  'Database:x',
])('"%s" is no scope', (name) => {
  expect(() => allOf(name)).toThrow(TypeError);
  expect(() => anyOf(read, name)).toThrow(TypeError);
});

test('a requirement of nothing is refused: it would let everything through', () => {
  expect(() => allOf()).toThrow(TypeError);
  expect(() => anyOf()).toThrow(TypeError);
});
