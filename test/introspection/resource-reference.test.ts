/** The `resource` parameter: what names something, and what names nothing. */

import { describe, expect, test } from 'vitest';
import { parseResource } from '../../src/introspection/resource-reference.ts';
import { newId, printId } from '../../src/lib/ids.ts';

const id = newId();

describe('names', () => {
  test.each([
    ['user', { kind: 'user' }],
    [printId('organization', id), { kind: 'organization', id }],
    [printId('database', id), { kind: 'database', id }],
    [printId('branch', id), { kind: 'branch', id }],
    ['external:42', { kind: 'external', externalId: '42' }],
    ['external:a b/ü:{}"', { kind: 'external', externalId: 'a b/ü:{}"' }],
    ['organizations/acme', { kind: 'path', organization: 'acme' }],
    ['/organizations/acme', { kind: 'path', organization: 'acme' }],
    ['organizations/a-1/databases/0', { kind: 'path', organization: 'a-1', database: '0' }],
    [
      '/organizations/acme/databases/shop/branches/main',
      { kind: 'path', organization: 'acme', database: 'shop', branch: 'main' },
    ],
  ])('%s', (text, reference) => {
    expect(parseResource(text)).toEqual(reference);
  });
});

describe('names nothing', () => {
  test.each([
    [''],
    ['User'],
    ['user/'],
    [printId('user', id)],
    [printId('team', id)],
    [id],
    [printId('branch', id).toUpperCase()],
    [`${printId('branch', id)}0`],
    [` ${printId('branch', id)}`],
    [`${printId('branch', id)}\n`],
    ['external:\0'],
    ['external:\uD800'],
    ['organizations'],
    ['organizations/'],
    ['organizations/acme/'],
    ['//organizations/acme'],
    ['organizations/Acme'],
    ['organizations/acme\n'],
    ['organizations/-acme'],
    [`organizations/${'a'.repeat(64)}`],
    ['organizations/acme/databases'],
    ['organizations/acme/branches/main'],
    ['organizations/acme/databases/shop/branches/main/'],
    ['databases/shop'],
    ['https://usher.example/organizations/acme'],
    [`external:${'x'.repeat(992)}`],
  ])('%j', (text) => {
    expect(parseResource(text)).toEqual({ kind: 'unknown' });
  });
});
