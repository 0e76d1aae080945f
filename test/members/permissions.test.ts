/** Each role holds exactly the permissions of the published tables, and roles add up. */

import { describe, expect, test } from 'vitest';
import { permissionNames } from '../../src/catalogue/permission-set.ts';
import {
  baseRolePermissions,
  databasePermissions,
  databaseRolePermissions,
  organizationPermissions,
  organizationRolePermissions,
} from '../../src/members/permissions.ts';
import {
  baseRoles,
  databaseRoles,
  isBaseRole,
  isDatabaseRole,
  isOrganizationRole,
  organizationRoles,
} from '../../src/members/roles.ts';
import { permissionRows } from '../catalogue/published-data.ts';

/** What a role name of the data file holds; `database_reader` and the like are spelt alike there. */
function published(role: string, on?: 'organization' | 'database'): string[] {
  return permissionRows
    .filter((row) => row.roles.includes(role) && (on === undefined || row.on === on))
    .map((row) => row.id);
}

const baseRoleInData: Readonly<Record<string, string>> = {
  none: '',
  reader: 'database_reader',
  developer: 'database_developer',
  member: 'organization_member',
};

const sorted = (ids: readonly string[]) => [...ids].sort();

describe('each role holds what is published', () => {
  test('there are five roles', () => {
    const roles = new Set(permissionRows.flatMap((row) => row.roles));
    expect(sorted([...organizationRoles, ...databaseRoles])).toEqual(sorted([...roles]));
  });

  test.each(databaseRoles)('%s', (role) => {
    expect(sorted(databaseRolePermissions.get(role) ?? [])).toEqual(sorted(published(role)));
  });

  test.each(baseRoles)('base role %s', (role) => {
    const held = published(baseRoleInData[role] ?? '', 'database');
    expect(sorted(baseRolePermissions.get(role) ?? [])).toEqual(sorted(held));
  });

  test('organization_admin', () => {
    expect(organizationRolePermissions.get('organization_admin')).toEqual(
      published('organization_admin'),
    );
  });

  test('organization_member', () => {
    const held = published('organization_member', 'organization');
    expect(organizationRolePermissions.get('organization_member')).toEqual(held);
  });
});

describe('a member holds', () => {
  const cases = baseRoles.flatMap((baseRole) =>
    [undefined, ...databaseRoles].flatMap((direct) =>
      [false, true].map((team) => ({ baseRole, direct, team })),
    ),
  );

  test.each(cases)(
    'base $baseRole, direct $direct and team $team together',
    ({ baseRole, direct, team }) => {
      const roles = [baseRoleInData[baseRole], direct, team ? 'database_admin' : undefined];
      const held = permissionRows
        .filter(
          (row) => row.on === 'database' && roles.some((role) => row.roles.includes(role ?? '')),
        )
        .map((row) => row.id);
      const membership = { organizationRole: 'organization_member', baseRole } as const;
      expect(permissionNames(databasePermissions(membership, { direct, team }))).toEqual(held);
    },
  );

  test('everything, as an Organization Administrator', () => {
    const membership = { organizationRole: 'organization_admin', baseRole: 'none' } as const;
    const held = permissionNames(
      databasePermissions(membership, { direct: 'database_reader', team: false }),
    );
    expect(held).toEqual(permissionRows.map((row) => row.id));
    expect(permissionNames(organizationPermissions(membership))).toEqual(held);
  });

  test('on the organization what the organization role gives, whatever the base role', () => {
    const membership = { organizationRole: 'organization_member', baseRole: 'developer' } as const;
    expect(permissionNames(organizationPermissions(membership))).toEqual(
      published('organization_member', 'organization'),
    );
  });

  test('nothing, as a stranger', () => {
    const roles = { direct: 'database_admin', team: true } as const;
    expect(permissionNames(databasePermissions(undefined, roles))).toEqual([]);
    expect(permissionNames(organizationPermissions(undefined))).toEqual([]);
  });
});

describe('role names', () => {
  test.each([
    [isOrganizationRole, organizationRoles],
    [isDatabaseRole, databaseRoles],
    [isBaseRole, baseRoles],
  ] as const)('%o knows its own and no other', (guard, own) => {
    for (const role of own) expect(guard(role)).toBe(true);
    for (const word of ['', 'owner', 'constructor']) expect(guard(word)).toBe(false);
  });
});
