/** Addresses of resource servers that carry a resource: which are accepted, and what fits them. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import {
  acceptedInside,
  areAmbiguous,
  findScopeFault,
  fitAddress,
  isAudienceOf,
  readResourceAddress,
} from '../../src/clients/address-patterns.ts';

const host = 'https://mcp.example.com';
const pattern = `${host}/{organization}/{database}`;

describe('a pattern is read', () => {
  test.each([
    `${host}/{organization}`,
    pattern,
    `${pattern}/`,
    `${host}/v1/{organization}/databases/{database}/{branch}/mcp`,
  ])('%s', (text) => {
    expect(readResourceAddress(text, false)).toBeInstanceOf(URL);
  });

  test.each([
    [`${host}/{database}`, 'must name the resources in their order'],
    [`${host}/{organization}/{branch}`, 'must name the resources in their order'],
    [`${host}/{database}/{organization}`, 'must name the resources in their order'],
    [`${host}/{organization}/{organization}`, 'must name the resources in their order'],
    [`${host}/{organization}/{table}`, 'nothing else in braces'],
    [`${host}/{organization}-mcp`, 'each as a whole segment'],
    [`${host}/{organization`, 'each as a whole segment'],
    [`${host}/x?at={organization}`, 'each as a whole segment'],
    [`${host}/{organization}?a=b`, 'each as a whole segment'],
    ['https://{organization}.example.com/mcp', 'each as a whole segment'],
    ['{organization}', 'each as a whole segment'],
    [`${host}/*/{organization}`, 'must not hold a wildcard'],
    [`https://10.0.0.1/{organization}`, 'must not name an IP address'],
    [`${host}/../{organization}`, 'must be written in its normal form'],
  ])('%s is refused: %s', (text, reason) => {
    expect(readResourceAddress(text, false)).toContain(reason);
  });

  test('an organization need not name itself, and still not a branch without its database', () => {
    expect(readResourceAddress(`${host}/{database}/{branch}`, true)).toBeInstanceOf(URL);
    expect(readResourceAddress(pattern, true)).toBeInstanceOf(URL);
    expect(readResourceAddress(`${host}/{branch}`, true)).toContain('in their order');
  });
});

test.each([
  [`${host}/acme/shop`, { organization: 'acme', database: 'shop' }],
  [`${host}/acme/shop/`, { organization: 'acme', database: 'shop' }],
  [`${host}/acme`, undefined],
  [`${host}/acme/shop/main`, undefined],
  [`${host}/acme/Shop`, undefined],
  [`${host}/acme/shop?x=1`, undefined],
  [`${host}/acme/sh%6Fp`, undefined],
  [`${host}/acme/`, undefined],
  [`${host}/acme/{database}`, undefined],
  ['https://other.example.com/acme/shop', undefined],
  ['https://mcp.example.com.evil.test/acme/shop', undefined],
  ['urn:acme:shop', undefined],
])('%s fits as %j', (address, slugs) => {
  expect(fitAddress(pattern, address)).toEqual(slugs && { audience: `${host}/acme/shop`, slugs });
  expect(isAudienceOf(pattern, address)).toBe(slugs !== undefined);
});

test('what fits is written as the pattern is', () => {
  expect(fitAddress(`${pattern}/`, `${host}/acme/shop`)?.audience).toBe(`${host}/acme/shop/`);
  expect(fitAddress(`${host}/acme/shop`, `${host}/acme/shop`)).toBeUndefined();
});

test.each([
  [pattern, `${pattern}/`, true],
  [pattern, `${host}/acme/shop`, true],
  [pattern, `${host}/acme/{database}`, true],
  [pattern, `${host}/{organization}/mcp`, true],
  [`${host}/acme/{organization}`, `${host}/{organization}/mcp`, true],
  [pattern, `${host}/acme`, false],
  [pattern, `${host}/acme/My_Shop`, false],
  [pattern, 'https://other.example.com/acme/shop', false],
  [`${host}/a/{organization}`, `${host}/b/{organization}`, false],
  [`${host}/acme`, `${host}/acme/`, true],
  [`${host}/acme`, `${host}/beta`, false],
])('%s and %s mean one address: %s', (one, other, isAmbiguous) => {
  expect(areAmbiguous(one, other)).toBe(isAmbiguous);
  expect(areAmbiguous(other, one)).toBe(isAmbiguous);
});

describe('what is accepted is what can hold in the resource', () => {
  const scopes = (text: string) => ({ accepted: parseScopeSet(text), usual: parseScopeSet(text) });

  test('of a database, nothing of its organization or of the account', () => {
    const text = 'user:read_user organization:read_databases database:read_database';
    const { accepted, usual } = acceptedInside(pattern, scopes(text));
    expect(formatScope(accepted ?? parseScopeSet(''))).toBe('database:read_database');
    expect(formatScope(usual)).toBe('database:read_database');
  });

  test('a server that accepts every scope accepts those', () => {
    const { accepted } = acceptedInside(pattern, { accepted: undefined, usual: parseScopeSet('') });
    const named = formatScope(accepted ?? parseScopeSet(''));
    expect(named).toContain('database:read_database');
    expect(named).not.toMatch(/\b(user|organization):/);
  });

  test('nothing at all is a fault', () => {
    expect(findScopeFault(pattern, scopes('user:read_user'))).toEqual({
      field: 'scope',
      reason: 'must hold a scope for what is in the {database} of its address',
    });
    expect(findScopeFault(pattern, scopes('database:read_database'))).toBeUndefined();
    expect(findScopeFault(host, scopes('user:read_user'))).toBeUndefined();
  });

  test('nothing of what is asked for by default is a fault', () => {
    const accepted = parseScopeSet('user:read_user database:read_database');
    const usual = (text: string) => ({ accepted, usual: parseScopeSet(text) });
    expect(findScopeFault(pattern, usual('user:read_user'))?.field).toBe('default_scope');
    expect(findScopeFault(pattern, usual('database:read_database'))).toBeUndefined();
    expect(findScopeFault(host, usual('user:read_user'))).toBeUndefined();
    const all = { accepted: undefined, usual: parseScopeSet('') };
    expect(findScopeFault(pattern, all)).toBeUndefined();
  });
});
