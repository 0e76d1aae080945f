/** Every role, base role, scope and kind of branch against the published data, one by one. */

import { describe, expect, test } from 'vitest';
import type { Level } from '../../src/catalogue/scope-rule.ts';
import { allScopes, names } from '../../src/catalogue/scope-set.ts';
import type { ConsentEntry } from '../../src/decisions/consented-scopes.ts';
import { effectiveScopes } from '../../src/decisions/effective-scopes.ts';
import { noCeiling } from '../../src/decisions/policy.ts';
import type { Target } from '../../src/decisions/target-kinds.ts';
import type { DatabaseRoles, Membership } from '../../src/members/permissions.ts';
import { baseRoles, databaseRoles, organizationRoles } from '../../src/members/roles.ts';
import { permissionRows, scopeRows } from '../catalogue/published-data.ts';

const levels: Level[] = ['user', 'organization', 'database', 'branch'];
const targets: Target[] = [
  { type: 'user' },
  { type: 'organization' },
  { type: 'database' },
  { type: 'branch', production: false },
  { type: 'branch', production: true },
];

const baseRoleInData: Readonly<Record<string, string>> = {
  none: 'nothing',
  reader: 'database_reader',
  developer: 'database_developer',
  member: 'organization_member',
};

/** What holds when everything is consented, so that the roles alone decide. */
function held(
  target: Target,
  membership: Membership | undefined,
  roles: DatabaseRoles,
): readonly string[] {
  const production = target.type === 'branch' ? target.production : undefined;
  const entries = levels.map(
    (level): ConsentEntry => ({
      level,
      scopes: allScopes,
      version: 1,
      production,
      includesProduction: true,
    }),
  );
  const token = { issued: allScopes, registered: allScopes, consentVersion: 1 };
  const facts = { token, entries, membership, databaseRoles: roles, policy: noCeiling, target };
  return names(effectiveScopes(facts));
}

/** What the data says for a target and roles as the data names them. */
function published(target: Target, roles: string[]): string[] {
  const allowed = (id: string) =>
    permissionRows.some((row) => row.id === id && row.roles.some((role) => roles.includes(role)));
  return scopeRows
    .filter((row) => {
      if (row.actsOn !== target.type) return false;
      if (Array.isArray(row.requires)) return row.requires.every(allowed);
      const production = target.type === 'branch' && target.production;
      return row.requires[production ? 'production' : 'development']?.every(allowed) ?? false;
    })
    .map((row) => row.scope);
}

const table = organizationRoles.flatMap((organizationRole) =>
  baseRoles.flatMap((baseRole) =>
    [undefined, ...databaseRoles].flatMap((direct) =>
      [false, true].map((team) => ({ organizationRole, baseRole, direct, team })),
    ),
  ),
);

describe('what a member may do follows the published tables', () => {
  test.each(table)(
    '$organizationRole, base $baseRole, direct $direct, team $team',
    ({ organizationRole, baseRole, direct, team }) => {
      const administrator = organizationRole === 'organization_admin' ? [organizationRole] : [];
      const byTeam = team ? ['database_admin'] : [];
      const onDatabase = [
        ...administrator,
        ...byTeam,
        baseRoleInData[baseRole] ?? '',
        direct ?? '',
      ];
      for (const target of targets) {
        const roles = target.type === 'organization' ? [organizationRole] : onDatabase;
        expect(held(target, { organizationRole, baseRole }, { direct, team })).toEqual(
          published(target, roles),
        );
      }
    },
  );

  test.each(targets)('a stranger may do nothing but with the own account: %o', (target) => {
    const scopes = held(target, undefined, { direct: 'database_admin', team: true });
    expect(scopes).toEqual(target.type === 'user' ? published(target, []) : []);
  });
});
