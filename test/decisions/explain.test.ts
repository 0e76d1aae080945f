/** Every refusal says what is missing and which role, at the least, would give it. */

import { describe, expect, test } from 'vitest';
import { allScopes, emptySet, scopeSet, without } from '../../src/catalogue/scope-set.ts';
import type { ScopeName } from '../../src/catalogue/scopes.ts';
import type { ConsentEntry } from '../../src/decisions/consented-scopes.ts';
import type { UseFacts } from '../../src/decisions/effective-scopes.ts';
import { explainUse, type UseRefusal } from '../../src/decisions/explain.ts';
import { type Candidate, grantableScopes } from '../../src/decisions/grantable-scopes.ts';
import { noCeiling } from '../../src/decisions/policy.ts';
import { withheldFrom } from '../../src/decisions/withheld.ts';
import { noDatabaseRoles } from '../../src/members/permissions.ts';

const member = { organizationRole: 'organization_member', baseRole: 'member' } as const;
const outsider = { organizationRole: 'organization_member', baseRole: 'none' } as const;
const main = { type: 'branch', production: true } as const;
const staging = { type: 'branch', production: false } as const;

/** A member with all of the catalogue on one database; each case changes what it is about. */
const everything: UseFacts = {
  token: { issued: allScopes, registered: allScopes, consentVersion: 1 },
  entries: [
    {
      level: 'database',
      scopes: allScopes,
      version: 1,
      production: undefined,
      includesProduction: true,
    },
  ],
  membership: member,
  databaseRoles: noDatabaseRoles,
  policy: noCeiling,
  target: main,
};

const onStaging: ConsentEntry = {
  level: 'branch',
  scopes: allScopes,
  version: 1,
  production: false,
  includesProduction: true,
};

describe('a token lacks a scope since', () => {
  test.each<[sentence: string, scope: ScopeName, change: Partial<UseFacts>, why: UseRefusal]>([
    [
      'it acts on another kind of resource',
      'database:read_database',
      {},
      { reason: 'acts_elsewhere', actsOn: 'database' },
    ],
    [
      'it was not issued with it',
      'database:read_branches',
      { token: { ...everything.token, issued: emptySet } },
      { reason: 'scope_missing', from: 'token' },
    ],
    [
      'the client is not registered for it',
      'database:read_branches',
      { token: { ...everything.token, registered: emptySet } },
      { reason: 'scope_missing', from: 'registration' },
    ],
    ['no entry carries it', 'branch:read_branch', {}, { reason: 'not_in_grant' }],
    [
      'the entry was made after the issue',
      'database:read_branches',
      { token: { ...everything.token, consentVersion: 0 } },
      { reason: 'consented_after_issue' },
    ],
    [
      'the branch was promoted since',
      'branch:manage_passwords',
      { entries: [onStaging] },
      { reason: 'rests_until_consented_again' },
    ],
    [
      'the entry is older than the organization lets it grow',
      'database:read_branches',
      { entries: everything.entries.map((one) => ({ ...one, rests: true })) },
      { reason: 'rests_until_consented_again' },
    ],
    [
      'the one entry that is young enough leaves production out',
      'database:read_branches',
      {
        entries: everything.entries.flatMap((one) => [
          { ...one, rests: true },
          { ...one, includesProduction: false },
        ]),
      },
      { reason: 'rests_until_consented_again' },
    ],
    [
      'the user left the organization',
      'database:read_branches',
      { membership: undefined },
      { reason: 'not_a_member' },
    ],
    [
      'the scope never covers a production branch',
      'database:delete_branches',
      {},
      { reason: 'production_excluded', by: 'catalogue' },
    ],
    [
      'the scope covers production branches only',
      'database:delete_production_branches',
      { target: staging },
      { reason: 'development_excluded' },
    ],
    [
      'the organization leaves no production branches to the application',
      'database:read_branches',
      { policy: { scopes: allScopes, production: false } },
      { reason: 'production_excluded', by: 'policy' },
    ],
    [
      'the organization does not leave it to the application',
      'database:read_branches',
      {
        policy: {
          scopes: without(allScopes, scopeSet(['database:read_branches'])),
          production: true,
        },
      },
      { reason: 'organization_policy' },
    ],
    [
      'only a Database Administrator writes production branches',
      'database:write_branches',
      {},
      {
        reason: 'role_insufficient',
        missing: ['manage_database'],
        roles: ['database_admin', 'organization_admin'],
      },
    ],
    [
      'the organization keeps out who was not let in, and Read-only would do',
      'database:read_branches',
      { membership: outsider },
      {
        reason: 'role_insufficient',
        missing: ['view_branches'],
        roles: ['database_reader', 'database_developer', 'database_admin', 'organization_admin'],
      },
    ],
    [
      'each missing permission counts',
      'database:restore_backups',
      { membership: outsider, target: staging },
      {
        reason: 'role_insufficient',
        missing: ['create_branches', 'restore_development_backups'],
        roles: ['database_developer', 'database_admin', 'organization_admin'],
      },
    ],
  ])('%s', (_sentence, scope, change, why) => {
    expect(explainUse(scope, { ...everything, ...change })).toEqual(why);
  });

  test('the user left production branches out, unless the rule leaves them alone anyway', () => {
    const entries = everything.entries.map((one) => ({ ...one, includesProduction: false }));
    expect(explainUse('database:read_branches', { ...everything, entries })).toEqual({
      reason: 'production_excluded',
      by: 'consent',
    });
    expect(explainUse('database:delete_branches', { ...everything, entries })).toEqual({
      reason: 'production_excluded',
      by: 'catalogue',
    });
  });

  test('nothing is explained when it holds', () => {
    expect(explainUse('database:read_branches', everything)).toBeUndefined();
  });
});

describe('a scope cannot be consented since', () => {
  const refusal = (
    scope: ScopeName,
    candidate: Candidate,
    membership = member,
    policy = noCeiling,
  ) => grantableScopes(scopeSet([scope]), { candidate, membership, policy });
  const refused = (scope: ScopeName, why: object) => [{ scope, grantable: false, refusal: why }];
  const shop: Candidate = { type: 'database', databaseRoles: noDatabaseRoles };

  test('the organization has no database that it could act on', () => {
    const empty: Candidate = { type: 'organization', databases: [] };
    expect(refusal('organization:read_branches', empty)).toEqual(
      refused('organization:read_branches', { reason: 'no_database' }),
    );
  });

  test('the role gives it on neither kind of branch; the kind it is for says what is missing', () => {
    expect(refusal('database:delete_production_branches', shop)).toEqual(
      refused('database:delete_production_branches', {
        reason: 'role_insufficient',
        missing: ['delete_production_branches'],
        roles: ['database_admin', 'organization_admin'],
      }),
    );
  });

  test('the policy leaves no production branches', () => {
    const policy = { scopes: allScopes, production: false };
    const candidate: Candidate = {
      type: 'database',
      databaseRoles: { direct: 'database_admin', team: false },
    };
    expect(refusal('database:demote_branches', candidate, member, policy)).toEqual(
      refused('database:demote_branches', { reason: 'production_excluded', by: 'policy' }),
    );
  });

  test('production branches are not included, and it acts on nothing else', () => {
    const candidate: Candidate = {
      type: 'database',
      databaseRoles: { direct: 'database_admin', team: false },
    };
    const without = { candidate, membership: member, policy: noCeiling, includesProduction: false };
    const both = scopeSet(['database:read_branches', 'database:demote_branches']);
    expect(grantableScopes(both, without)).toEqual([
      { scope: 'database:read_branches', grantable: true },
      ...refused('database:demote_branches', { reason: 'production_excluded', by: 'consent' }),
    ]);
  });

  test('a picked branch has its own kind only', () => {
    const branch: Candidate = { type: 'branch', databaseRoles: noDatabaseRoles, production: true };
    expect(refusal('branch:write_backups', branch)).toMatchObject([{ grantable: false }]);
    expect(refusal('branch:write_backups', { ...branch, production: false })).toEqual([
      { scope: 'branch:write_backups', grantable: true },
    ]);
  });

  test('scopes of other levels are not asked of a resource', () => {
    expect(refusal('organization:read_branches', shop)).toEqual([]);
  });
});

describe('a consent does not reach', () => {
  const withheld = (
    scope: ScopeName,
    candidate: Candidate,
    membership = member,
    policy = noCeiling,
  ) => withheldFrom(scope, { candidate, membership, policy });
  const administered = { direct: 'database_admin', team: false } as const;

  test('the kind of branch that the role does not give, and says what it would take', () => {
    const shop: Candidate = { type: 'database', databaseRoles: noDatabaseRoles };
    expect(withheld('database:write_branches', shop)).toEqual([
      {
        where: 'production',
        refusal: {
          reason: 'role_insufficient',
          missing: ['manage_database'],
          roles: ['database_admin', 'organization_admin'],
        },
      },
    ]);
    expect(withheld('database:read_branches', shop)).toEqual([]);
  });

  test('production branches that the policy keeps back, and not those that the rule leaves alone', () => {
    const shop: Candidate = { type: 'database', databaseRoles: administered };
    const policy = { scopes: allScopes, production: false };
    expect(withheld('database:write_branches', shop, member, policy)).toEqual([
      { where: 'production', refusal: { reason: 'production_excluded', by: 'policy' } },
    ]);
    expect(withheld('database:delete_branches', shop, member, policy)).toEqual([]);
  });

  test('the databases of an organization where the role does not give it', () => {
    const acme: Candidate = {
      type: 'organization',
      databases: [noDatabaseRoles, administered],
    };
    expect(withheld('organization:promote_branches', acme)).toEqual([{ where: 'some_databases' }]);
    expect(withheld('organization:read_databases', acme)).toEqual([]);
  });
});
