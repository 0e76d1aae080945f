/** A second request that asks nothing new needs no page; anything else does. */

import { expect, test } from 'vitest';
import { emptySet, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { parseAskedScope } from '../../src/consent/asked-scope.ts';
import { isPageNeeded } from '../../src/consent/needed.ts';

const read = 'database:read_branches';
const write = 'database:write_branches';

/** A user who was asked to read and to write, and agreed to read on some database. */
const consented = {
  consentId: 'c',
  version: 1,
  asked: parseAskedScope(`openid email ${read} ${write}`),
  given: parseScopeSet(read),
  scopes: parseScopeSet(read),
  resting: parseScopeSet(''),
};
/** The database's organization lets nothing grow as old, or one of several does. */
const tooOld = { ...consented, resting: parseScopeSet(read) };
const nothingStands = { ...consented, scopes: parseScopeSet('') };
/** The database that the user picked is gone; what concerns the account still stands. */
const partIsGone = {
  ...consented,
  asked: parseAskedScope(`user:read_user ${read}`),
  given: parseScopeSet(`user:read_user ${read}`),
  scopes: parseScopeSet('user:read_user'),
};
const onlyOpenid = {
  ...nothingStands,
  given: parseScopeSet(''),
  asked: parseAskedScope('openid email'),
};

test.each<[needed: boolean, when: string, asked: string, before: typeof consented | undefined]>([
  [true, 'nothing was consented before', read, undefined],
  [false, 'the same is asked again', `openid email ${read} ${write}`, consented],
  [false, 'less is asked', `openid ${read}`, consented],
  [false, 'OpenID scopes alone are asked, and were agreed to', 'openid email', consented],
  [false, 'only OpenID scopes were ever asked', 'openid', onlyOpenid],
  [true, 'a new scope of the catalogue is asked', `${read} database:read_backups`, consented],
  [true, 'the same name is asked at another level', 'organization:read_branches', consented],
  [true, 'a new OpenID scope is asked', `openid profile ${read}`, consented],
  [true, 'all that is asked was left unticked', write, consented],
  [true, 'no resource is left under the consent', read, nothingStands],
  [true, 'what was given has lost its resource', `user:read_user ${read}`, partIsGone],
  [true, 'what was given rests somewhere because of its age', read, tooOld],
  [false, 'what rests is not asked', 'openid email', tooOld],
  [false, 'only what still stands is asked', 'user:read_user', partIsGone],
])('%s when %s', (needed, _when, asked, before) => {
  expect(
    isPageNeeded({ asked, consented: before, clientIsPublic: false, required: emptySet }),
  ).toBe(needed);
});

test('a public client gets the page every time (RFC 6749 section 10.2)', () => {
  expect(isPageNeeded({ asked: read, consented, clientIsPublic: true, required: emptySet })).toBe(
    true,
  );
});

test('what is required and was left out is asked again, once it is required', () => {
  const asked = `${read} ${write}`;
  const isNeeded = (required: string) =>
    isPageNeeded({ asked, consented, clientIsPublic: false, required: parseScopeSet(required) });
  expect(isNeeded(write)).toBe(true);
  expect(isNeeded(read)).toBe(false);
});
