/** RFC 7662 section 2.2 and the domain's rules: what a token may do follows the facts of now. */

import { describe, expect, test } from 'vitest';
import {
  allScopes,
  emptySet,
  names,
  type ScopeSet,
  scopeSet,
  without,
} from '../../src/catalogue/scope-set.ts';
import type { ScopeName } from '../../src/catalogue/scopes.ts';
import type { ConsentEntry } from '../../src/decisions/consented-scopes.ts';
import {
  type AccessClass,
  effectiveScopes,
  entryActions,
  type OrganizationStatus,
  scopesBelow,
  type UseFacts,
} from '../../src/decisions/effective-scopes.ts';
import { grantableScopes } from '../../src/decisions/grantable-scopes.ts';
import { noCeiling } from '../../src/decisions/policy.ts';
import { noDatabaseRoles } from '../../src/members/permissions.ts';

const member = { organizationRole: 'organization_member', baseRole: 'member' } as const;
const administrator = { direct: 'database_admin', team: false } as const;

function entry(level: ConsentEntry['level'], scopes: ScopeSet, change = {}): ConsentEntry {
  const whole = { production: undefined, includesProduction: true };
  return { level, scopes, version: 1, ...whole, ...change };
}

/** A member with a token for everything, without any entry; each case changes what it is about. */
const status: OrganizationStatus = {
  token: { issued: allScopes, registered: allScopes, consentVersion: 1 },
  membership: member,
  policy: noCeiling,
};

function facts(change: Partial<UseFacts>): UseFacts {
  const target = { type: 'branch', production: true } as const;
  return { ...status, entries: [], databaseRoles: noDatabaseRoles, target, ...change };
}

describe('a member consents to everything that can be consented on a database', () => {
  const answers = grantableScopes(allScopes, {
    candidate: { type: 'database', databaseRoles: noDatabaseRoles },
    membership: member,
    policy: noCeiling,
  });
  const consented = scopeSet(answers.filter((answer) => answer.grantable).map((a) => a.scope));
  const held = (change: Partial<UseFacts>) =>
    effectiveScopes(facts({ entries: [entry('database', consented)], ...change }));

  test('the production branch lacks writing branches and backups', () => {
    expect(names(held({}))).toEqual(['database:read_branches', 'database:read_backups']);
  });

  test('as Database Administrator the same token gains exactly these two', () => {
    expect(names(without(held({ databaseRoles: administrator }), held({})))).toEqual([
      'database:write_branches',
      'database:write_backups',
    ]);
  });

  test('removed from the organization it has none', () => {
    expect(held({ membership: undefined })).toBe(emptySet);
  });
});

describe('an entry of an organization', () => {
  const promote = scopeSet(['organization:promote_branches']);
  const shop: AccessClass = { ...administrator, production: true, development: true };
  const other: AccessClass = { ...noDatabaseRoles, production: true, development: true };
  const entries = [entry('organization', promote)];
  const development = { type: 'branch', production: false } as const;

  test('promotes branches of the database that the member administers, and of no other', () => {
    const inDatabase = (databaseRoles: AccessClass) =>
      effectiveScopes(facts({ entries, databaseRoles, target: development }));
    expect(inDatabase(shop)).toBe(promote);
    expect(inDatabase(other)).toBe(emptySet);
  });

  test('shows below the organization where one database permits it', () => {
    const below = (databases: AccessClass[]) =>
      scopesBelow({
        ...status,
        entries,
        target: { type: 'organization' },
        databases,
        children: [],
      });
    expect(below([other, shop])).toBe(promote);
    expect(below([other])).toBe(emptySet);
  });

  test('counts a branch to be created below a database, and not among its actions', () => {
    const onlyMain: AccessClass = { ...administrator, production: true, development: false };
    const target = { type: 'database' } as const;
    const below = scopesBelow({
      ...status,
      entries,
      target,
      databases: [onlyMain],
      children: [],
    });
    expect(below).toBe(promote);
    const reached = { entry: entry('organization', promote), reached: [onlyMain] };
    expect(entryActions(reached, status)).toBe(emptySet);
  });

  test('has nothing below the account or a branch', () => {
    for (const target of [{ type: 'user' }, development] as const) {
      const below = { ...status, entries, target, databases: [shop], children: [] };
      expect(scopesBelow(below)).toBe(emptySet);
    }
  });
});

describe('a branch that was promoted after the user agreed', () => {
  const asked: ScopeName[] = ['branch:manage_passwords', 'branch:read_branch'];
  const agreed = entry('branch', scopeSet(asked), { production: false });
  const held = (production: boolean, entries = [agreed]) =>
    names(
      effectiveScopes(
        facts({ entries, databaseRoles: administrator, target: { type: 'branch', production } }),
      ),
    );

  test('keeps what has one rule on both kinds; the rest rests', () => {
    expect(held(false)).toEqual(asked);
    expect(held(true)).toEqual(['branch:read_branch']);
  });

  test('has it again once consented again', () => {
    expect(held(true, [agreed, { ...agreed, production: true }])).toEqual(asked);
  });
});

describe('a token that is out', () => {
  const target = { type: 'database' } as const;
  const read = scopeSet(['database:read_database']);
  const held = (version: number) =>
    effectiveScopes(facts({ target, entries: [entry('database', read, { version })] }));

  test('has what was consented up to its issue and not what came after', () => {
    expect(held(1)).toBe(read);
    expect(held(2)).toBe(emptySet);
  });
});
