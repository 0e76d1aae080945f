/** What a decision gives beyond what held: what is narrower, or as it was, gives nothing. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import type { Lifetime } from '../../src/consent/lifetime.ts';
import { widenedScopes } from '../../src/consent/widened.ts';
import { newId } from '../../src/lib/ids.ts';
import type { NewEntry } from '../../src/storage/consents/consent-entries.ts';

const remove = 'database:delete_branches';
const read = 'database:read_branches';
const [shop, analytics] = [newId(), newId()];

function entry(scope: string, change: Partial<NewEntry> & { id?: string } = {}): NewEntry {
  const { id = shop, ...other } = change;
  const resource = { level: 'database', id, organizationId: newId(), databaseId: id } as const;
  const scopes = parseScopeSet(scope);
  const kind = { level: 'database', production: undefined, includesProduction: true } as const;
  return { ...kind, resource, scopes, version: 1, ...other };
}

type When = { readonly expiresAt?: Date; readonly lifetime?: Lifetime };

function widened(before: NewEntry[], after: NewEntry[], when: When = {}): string {
  const { expiresAt, lifetime } = when;
  return formatScope(widenedScopes({ before, after, expiresAt, lifetime }));
}

const both = `${remove} ${read}`;
const hour = 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * 24 * hour);

describe('nothing more is given', () => {
  test.each<[what: string, before: NewEntry[], after: NewEntry[], when?: When]>([
    ['as it was', [entry(both)], [entry(both)]],
    ['fewer scopes', [entry(both)], [entry(read)]],
    ['fewer resources', [entry(both), entry(both, { id: analytics })], [entry(both)]],
    ['without production', [entry(both)], [entry(both, { includesProduction: false })]],
    ['in two entries', [entry(both)], [entry(remove), entry(read, { version: 2 })]],
    ['what rests goes on', [entry(remove, { rests: true })], [entry(remove, { rests: true })]],
    ['an end', [entry(remove)], [entry(remove)], { lifetime: '1_day' }],
    [
      'a nearer end',
      [entry(remove)],
      [entry(remove)],
      { expiresAt: inDays(8), lifetime: '7_days' },
    ],
    ['the same end', [entry(remove)], [entry(remove)], { expiresAt: inDays(8) }],
  ])('%s', (_what, before, after, when) => {
    expect(widened(before, after, when)).toBe('');
  });
});

describe('more is given', () => {
  test.each<[what: string, before: NewEntry[], after: NewEntry[], gives: string, when?: When]>([
    ['a scope', [entry(read)], [entry(both)], remove],
    ['a resource', [entry(both)], [entry(both), entry(remove, { id: analytics })], remove],
    ['another resource instead', [entry(remove)], [entry(remove, { id: analytics })], remove],
    ['production', [entry(both, { includesProduction: false })], [entry(both)], both],
    [
      'a branch of the other kind',
      [entry(read, { production: false })],
      [entry(read, { production: true })],
      read,
    ],
    [
      'what rested holds again',
      [entry(both, { rests: true })],
      [entry(both, { rests: false })],
      both,
    ],
    [
      'a later end',
      [entry(remove)],
      [entry(remove)],
      remove,
      { expiresAt: inDays(6), lifetime: '7_days' },
    ],
    [
      'no end',
      [entry(read)],
      [entry(read)],
      read,
      { expiresAt: inDays(6), lifetime: 'until_removed' },
    ],
  ])('%s', (_what, before, after, gives, when) => {
    expect(widened(before, after, when)).toBe(formatScope(parseScopeSet(gives)));
  });
});
