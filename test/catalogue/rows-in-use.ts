/**
 * The data of the catalogue that a suite runs on, for its oracle: read from the files alone, or from the
 * published tables where it is the default one. Shares nothing with `src`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as published from './published-data.ts';

type ScopeRow = published.ScopeRow;

/** A permission, and the keys of what gives it: roles, `base:` and a base role, `everywhere:` and a role. */
interface PermissionRow {
  readonly id: string;
  readonly on: 'organization' | 'database';
  readonly roles: readonly string[];
}

interface Acts {
  readonly view: string;
  readonly manage: string;
  readonly manageMembers: string;
  readonly createBranch: string;
  readonly promote: { readonly development: string; readonly production: string };
  readonly deleteBranch: { readonly development: string; readonly production: string };
}

/** The roles by their parts, and the permissions that the acts of the oracle take. */
interface Cast {
  readonly organizationRoles: readonly string[];
  readonly administrator: string;
  readonly member: string;
  readonly databaseRoles: readonly string[];
  readonly databaseAdministrator: string;
  readonly baseRoles: readonly string[];
  readonly defaultBaseRole: string;
  readonly acts: Acts;
}

interface InUse {
  readonly scopeRows: readonly ScopeRow[];
  readonly permissionRows: readonly PermissionRow[];
  readonly cast: Cast;
}

const baseRoles = {
  none: 'nothing',
  reader: 'database_reader',
  developer: 'database_developer',
  member: 'organization_member',
};

/** As it is published; a base role gives what the role of its name does. */
function publishedCatalogue(): InUse {
  const permissionRows = published.permissionRows.map(({ id, on, roles }) => {
    const bases = Object.entries(baseRoles).filter(([, role]) => roles.includes(role));
    const byBase = on === 'database' ? bases.map(([base]) => `base:${base}`) : [];
    const own = on === 'database' ? roles.filter((role) => role !== 'organization_member') : roles;
    return { id, on, roles: [...own, ...byBase] };
  });
  const cast = {
    organizationRoles: ['organization_member', 'organization_admin'],
    administrator: 'organization_admin',
    member: 'organization_member',
    databaseRoles: ['database_admin', 'database_developer', 'database_reader'],
    databaseAdministrator: 'database_admin',
    baseRoles: Object.keys(baseRoles),
    defaultBaseRole: 'member',
    acts: {
      view: 'view_database',
      manage: 'manage_database',
      manageMembers: 'manage_database_members',
      createBranch: 'create_branches',
      promote: { development: 'promote_branches', production: 'promote_branches' },
      deleteBranch: {
        development: 'delete_development_branches',
        production: 'delete_production_branches',
      },
    },
  };
  return { scopeRows: published.scopeRows, permissionRows, cast };
}

interface RoleRow {
  readonly id: string;
  readonly part?: string;
  readonly permissions?: readonly string[];
  readonly onDatabases?: readonly string[];
}

type Roles = Readonly<Record<'organization' | 'database' | 'base', readonly RoleRow[]>>;

function catalogueAt(directory: string): InUse {
  const read = (file: string) => JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const roles: Roles = read('roles.json');
  const rows: { id: string; on: 'organization' | 'database' }[] =
    read('permissions.json').permissions;
  const scopes: ScopeRow[] = read('scopes.json').scopes;
  const { view, acts } = read('rules.json');
  const idOf = (list: readonly RoleRow[], part: string) =>
    list.find((role) => role.part === part)?.id ?? '';
  const ids = (list: readonly RoleRow[]) => list.map(({ id }) => id);
  const cast = {
    organizationRoles: ids(roles.organization),
    administrator: idOf(roles.organization, 'administrator'),
    member: idOf(roles.organization, 'member'),
    databaseRoles: ids(roles.database),
    databaseAdministrator: idOf(roles.database, 'administrator'),
    baseRoles: ids(roles.base),
    defaultBaseRole: idOf(roles.base, 'default'),
    acts: {
      view: view.database,
      manage: acts.database['database.deleted'],
      manageMembers: acts.database['database_role.given'],
      createBranch: acts.database['branch.created'],
      promote: acts.branch['branch.promoted'],
      deleteBranch: acts.branch['branch.deleted'],
    },
  };
  const permissionRows = rows.map(({ id, on }) => ({ id, on, roles: giving(roles, id, on) }));
  const named = scopes.map((row) => {
    const [level, name = ''] = row.scope.split(':');
    return { ...row, level: level as ScopeRow['level'], name };
  });
  return { scopeRows: named, permissionRows, cast };
}

/** The keys of what gives a permission. */
function giving(roles: Roles, id: string, on: 'organization' | 'database'): string[] {
  const having = (list: readonly RoleRow[], which: (role: RoleRow) => readonly string[]) =>
    list
      .filter((role) => role.part === 'administrator' || which(role).includes(id))
      .map((role) => role.id);
  const own = (role: RoleRow) => role.permissions ?? [];
  if (on === 'organization') return having(roles.organization, own);
  const administrators = roles.organization.filter(({ part }) => part === 'administrator');
  return [
    ...administrators.map((role) => role.id),
    ...having(roles.database, own),
    ...having(roles.base, own).map((base) => `base:${base}`),
    ...having(roles.organization, (role) => role.onDatabases ?? []).map((r) => `everywhere:${r}`),
  ];
}

const directory = process.env['CATALOGUE'];

export const { scopeRows, permissionRows, cast }: InUse =
  directory === undefined ? publishedCatalogue() : catalogueAt(directory);

/** The keys of what gives permissions on a database. */
export function keysOnDatabase(
  organizationRole: string,
  baseRole: string,
  direct: string | undefined,
  isInTeam: boolean,
): ReadonlySet<string> {
  return new Set([
    ...(organizationRole === cast.administrator ? [organizationRole] : []),
    `everywhere:${organizationRole}`,
    `base:${baseRole}`,
    ...(direct === undefined ? [] : [direct]),
    ...(isInTeam ? [cast.databaseAdministrator] : []),
  ]);
}

/** The second catalogue shares the code of the first: a quarter of the runs is enough there. */
export function runsOf(runs: number): number {
  return directory === undefined ? runs : Math.ceil(runs / 4);
}
