/** RFC 7662 section 2.2: what an answer has to say before anything relies on it. */

import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/resource-server/token-answer.ts';

const issuer = 'https://usher.test';
const id = `br_${'0'.repeat(31)}1`;
const path = 'organizations/acme/databases/shop/branches/main';

/** What Usher answers about a live token; each case changes what it is about. */
function answer(change: Record<string, unknown> = {}): unknown {
  return {
    active: true,
    iss: issuer,
    sub: 'user_1',
    username: 'dba@acme.test',
    client_id: 'demo-app',
    token_type: 'Bearer',
    iat: 1_700_000_000,
    exp: 1_700_000_600,
    scope: 'branch:read_branch',
    resource: { type: 'branch', identifier: id, path, production: true },
    ...change,
  };
}

describe('an answer is taken', () => {
  test.each([
    ['by id', id],
    ['by path', path],
    ['by path with a slash before it', `/${path}`],
  ])('%s', (_how, asked) => {
    expect(readAnswer(answer(), issuer, asked)).toEqual(answer());
  });

  test('that reaches nothing', () => {
    const nothing = answer({ scope: undefined, resource: undefined });
    expect(readAnswer(nothing, issuer, id)).toEqual(nothing);
  });

  test('and cannot be changed, for it may serve several requests', () => {
    const taken = readAnswer(answer({ below: [] }), issuer, id);
    expect(Object.isFrozen(taken)).toBe(true);
    expect(taken).toSatisfy((token: { resource: object }) => Object.isFrozen(token.resource));
    expect(taken).toSatisfy((token: { below: object }) => Object.isFrozen(token.below));
  });
});

test.each([
  ['a dead token', { active: false, scope: 'branch:read_branch' }],
  ['a refresh token, which is live but has no type', answer({ token_type: undefined })],
])('%s is not active', (_what, json) => {
  expect(readAnswer(json, issuer, id)).toEqual({ active: false });
});

test.each([
  ['nothing', undefined],
  ['a text', 'active'],
  ['a list', [answer()]],
  ['no "active"', answer({ active: undefined })],
  ['an "active" that is a text', answer({ active: 'true' })],
  ['another issuer', answer({ iss: 'https://other.test' })],
  ['no issuer', answer({ iss: undefined })],
  ['no subject', answer({ sub: undefined })],
  ['no client', answer({ client_id: '' })],
  ['another type of token', answer({ token_type: 'N_A' })],
  ['a time that is a text', answer({ exp: '1700000600' })],
  ['scopes in a list', answer({ scope: ['branch:read_branch'] })],
  ['"below" as a text', answer({ below: 'branch:read_branch' })],
  ['a binding that is a text', answer({ cnf: 'key' })],
  ['a resource that is a text', answer({ resource: id })],
  ['a resource of another kind', answer({ resource: { type: 'planet', identifier: id, path } })],
  ['a resource without an id', answer({ resource: { type: 'branch', path } })],
  ['an id of another kind', answer({ resource: { type: 'database', identifier: id, path } })],
  ['a resource without a path', answer({ resource: { type: 'branch', identifier: id } })],
  [
    '"production" as a text',
    answer({ resource: { type: 'branch', identifier: id, path, production: 'false' } }),
  ],
  ['several audiences', answer({ aud: ['https://api.test'] })],
  ['a binding to nothing', answer({ cnf: null })],
  ['"active" and no more', { active: true, token_type: 'Bearer' }],
])('an answer with %s is malformed', (_what, json) => {
  expect(() => readAnswer(json, issuer, id)).toThrow(
    expect.objectContaining({ code: 'malformed_answer' }),
  );
});

test.each([
  ['another id', `br_${'0'.repeat(31)}2`],
  ['another path', 'organizations/acme/databases/shop/branches/staging'],
  ['the path above', 'organizations/acme/databases/shop'],
  ['the path without its beginning', 'acme/databases/shop/branches/main'],
  ['two slashes', `//${path}`],
  ["the platform's own id, which an answer does not tell", 'external:branch-1'],
  ['the account', 'user'],
])('asked about %s, the answer is about something else', (_what, asked) => {
  expect(() => readAnswer(answer(), issuer, asked)).toThrow(
    expect.objectContaining({ code: 'other_resource' }),
  );
});
