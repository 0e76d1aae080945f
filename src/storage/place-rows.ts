/**
 * The rows of place-facts.ts as the types that decide.
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import { parseScopeSet } from '../catalogue/scope-set.ts';
import type { ConsentEntry } from '../decisions/consented-scopes.ts';
import type { AccessClass, Standing, TokenScopes } from '../decisions/effective-scopes.ts';
import { noCeiling, type PolicyCeiling, policyCeiling } from '../decisions/policy.ts';
import type { Line } from './lines.ts';
import type { AccessRow, DatabaseRow, OrganizationRow } from './place-facts.ts';
import { readScope, type TokenLine, writtenScope } from './token-facts.ts';

/** A resource that exists. */
export interface Resource {
  readonly type: ResourceKind;
  /** A UUID. */
  readonly id: string;
  /** Undefined of the user. */
  readonly organizationId: string | undefined;
  /** `user`, or the slugs: `organizations/acme/databases/shop/branches/main`. */
  readonly path: string;
  /** Of a branch. */
  readonly production: boolean | undefined;
}

/** An entry of a consent as it is stored. */
export interface EntryRow {
  level: ConsentEntry['level'];
  entry_scope: string;
  version: number;
  agreed_production: boolean | null;
}

/** What is to be selected of `consent_entries e` for an `EntryRow`. */
export const entryColumns =
  'e.level, e.scope as entry_scope, e.version, e.production as agreed_production';

/**
 * Entries as one text, a line each: half the work of JSON, for what every question reads.
 *
 * @param entries a query of `EntryRow`s.
 */
export function entryLines(entries: string): string {
  return `(select string_agg(
      concat_ws('|', level, version, coalesce(agreed_production::text, ''),
        ${writtenScope('entry_scope')}), E'\\n')
      from (${entries}) found)`;
}

/** @returns the entries of `entryLines`, in the line of that token. */
export function readEntryLines(
  lines: string,
  token: Pick<TokenLine, 'token_scope'>,
): ConsentEntry[] {
  if (lines === '') return [];
  return lines.split('\n').map((line) => {
    const [level = '', version, production, scope = ''] = line.split('|');
    return {
      level: level as ConsentEntry['level'],
      scopes: readScope(scope, token),
      version: Number(version),
      production: production === '' ? undefined : production === 'true',
    };
  });
}

/** What is selected of `branchFacts` as `place`; the branch's id is the one asked about. */
export const branchColumns = {
  database_id: 'place.database_id',
  database_slug: 'place.database_slug',
  branch_slug: 'place.branch_slug',
  production: 'place.production',
  direct: 'place.direct',
  team: 'place.team',
};

/** What is selected of `databaseFacts` as `place`. */
export const databaseColumns = {
  ...branchColumns,
  branch_id: 'place.branch_id',
  has_production: 'place.has_production',
  has_development: 'place.has_development',
};

/** What is selected of `organizationFacts` as `o`. */
export const organizationColumns = {
  organization_id: 'o.organization_id',
  organization_slug: 'o.organization_slug',
  organization_role: 'o.organization_role',
  base_role: 'o.base_role',
  application_policy: 'o.application_policy',
  owned: 'o.owned',
  approval: 'o.approval',
};

/** @returns the row of a line with `databaseColumns`, or with `branchColumns` and that branch's id. */
export function readDatabase(
  line: Line<keyof typeof branchColumns> & Partial<Line<keyof typeof databaseColumns>>,
  branchId = line.branch_id,
): DatabaseRow {
  return {
    database_id: line.database_id || null,
    database_slug: line.database_slug,
    branch_id: branchId || null,
    branch_slug: line.branch_slug,
    production: line.production === 't',
    direct: (line.direct || null) as DatabaseRow['direct'],
    team: line.team === 't',
    has_production: line.has_production === 't',
    has_development: line.has_development === 't',
  };
}

/** @returns the row of a line with `organizationColumns`. */
export function readOrganization(line: Line<keyof typeof organizationColumns>): OrganizationRow {
  return {
    organization_id: line.organization_id || null,
    organization_slug: line.organization_slug,
    organization_role: (line.organization_role || null) as OrganizationRow['organization_role'],
    base_role: line.base_role as OrganizationRow['base_role'],
    application_policy: line.application_policy as OrganizationRow['application_policy'],
    owned: line.owned === 't',
    approval: readJson(line.approval),
  };
}

/** @returns the value of a JSON column of a line, which is null where the column is. */
export function readJson<Value>(text: string): Value | null {
  return text === '' ? null : (JSON.parse(text) as Value);
}

/** The user that a token stands for, as a resource. */
export function userResource(accountId: string): Resource {
  const nowhere = { organizationId: undefined, production: undefined };
  return { type: 'user', id: accountId, path: 'user', ...nowhere };
}

/** @returns the resource that a row is about; undefined where none has the id. */
export function toResource(row: ResourceColumns): Resource | undefined {
  return row.organization_id === null ? undefined : resourceIn(row.organization_id, row);
}

/** @returns the resource of a row that is in that organization. */
export function resourceIn(organizationId: string, row: ResourceColumns): Resource {
  const { database_id, branch_id } = row;
  const path = `organizations/${row.organization_slug}`;
  const at = { organizationId, production: undefined };
  if (database_id === null) return { ...at, type: 'organization', id: organizationId, path };
  const below = `${path}/databases/${row.database_slug}`;
  if (branch_id === null) return { ...at, type: 'database', id: database_id, path: below };
  const { production } = row;
  const branchPath = `${below}/branches/${row.branch_slug}`;
  return {
    type: 'branch',
    id: branch_id,
    organizationId,
    path: branchPath,
    production,
  };
}

type ResourceColumns = Pick<OrganizationRow, 'organization_id' | 'organization_slug'> &
  Pick<DatabaseRow, 'database_id' | 'database_slug' | 'branch_id' | 'branch_slug' | 'production'>;

/** @returns how token, user and application stand in the row's organization. */
export function toStanding(row: OrganizationRow, token: TokenScopes): Standing {
  const { organization_role: organizationRole, base_role: baseRole } = row;
  const membership = organizationRole === null ? undefined : { organizationRole, baseRole };
  return { token, membership, policy: toPolicy(row) };
}

function toPolicy({ application_policy: policy, owned, approval }: OrganizationRow): PolicyCeiling {
  if (policy === 'open') return noCeiling;
  const [scope, production = false, maxGrantSeconds, grantAgeSeconds = 0] = approval ?? [];
  const scopes = typeof scope === 'string' ? parseScopeSet(scope) : undefined;
  const standing = {
    scopes,
    production,
    maxGrantSeconds: maxGrantSeconds ?? undefined,
  };
  return policyCeiling({
    policy,
    owned: owned === true,
    approval: approval === null ? undefined : standing,
    grantAgeSeconds,
  });
}

/** @returns the databases that the row's resource reaches, a branch as the one kind that it is. */
export function toReached(row: DatabaseRow & { databases?: AccessRow[] | null }): AccessClass[] {
  if (row.database_id === null) return (row.databases ?? []).map(toAccessClass);
  if (row.branch_id === null) return [toAccessClass(row)];
  return [toBranchClass(row)];
}

/** @returns the database of a branch, with no kind of branch but that one's. */
export function toBranchClass({
  direct,
  team,
  production,
}: Pick<DatabaseRow, 'direct' | 'team' | 'production'>): AccessClass {
  return {
    direct: direct ?? undefined,
    team,
    production,
    development: !production,
  };
}

/** @returns databases with the same roles, as the decisions take them. */
export function toAccessClass(row: AccessRow): AccessClass {
  return {
    direct: row.direct ?? undefined,
    team: row.team,
    production: row.has_production === true,
    development: row.has_development === true,
  };
}

/** @returns the entry as the decisions take it. */
export function toEntry(row: EntryRow): ConsentEntry {
  return {
    level: row.level,
    scopes: parseScopeSet(row.entry_scope),
    version: row.version,
    production: row.agreed_production ?? undefined,
  };
}
