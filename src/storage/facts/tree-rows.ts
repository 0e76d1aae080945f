/**
 * The rows of tree-facts.ts as the types that decide.
 *
 * @module
 */

import type { ResourceKind } from '../../catalogue/scope-rule.ts';
import { parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import type { ConsentEntry } from '../../decisions/consented-scopes.ts';
import type {
  AccessClass,
  OrganizationStatus,
  TokenScopes,
} from '../../decisions/effective-scopes.ts';
import { noCeiling, type PolicyCeiling, policyCeiling } from '../../decisions/policy.ts';
import { restsAfter } from '../consents/resting-entries.ts';
import { flag, type RowOf, text, whole } from '../engine/columns.ts';
import type { AccessRow, BranchRow, DatabaseRow, OrganizationRow } from './tree-facts.ts';

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

/** What is selected of `storedEntry` in a row; the scope is left to the statement. */
export const entryColumns = {
  level: text<ConsentEntry['level']>('e.level'),
  version: whole('e.version'),
  /** Of a branch the kind that it had; of others whether production branches are included. */
  agreed_production: flag('e.agreed_production'),
  rests: flag('e.rests'),
};

/**
 * What is read of `consent_entries e`, for `entryColumns` and a scope.
 *
 * @param days SQL: the longest age of an entry in its organization, or null.
 */
export function storedEntry(days: string): string {
  return `e.level, e.scope, e.version,
    coalesce(e.production, e.includes_production) as agreed_production, ${restsAfter(days)} as rests`;
}

/** The user that a token stands for, as a resource. */
export function userResource(accountId: string): Resource {
  const nowhere = { organizationId: undefined, production: undefined };
  return { type: 'user', id: accountId, path: 'user', ...nowhere };
}

/**
 * @param organization where it is.
 * @param under what is under the organization, or nothing.
 * @returns the resource that rows are about; undefined where there is none.
 */
export function toResource(
  organization: Pick<OrganizationRow, 'organization_id' | 'organization_slug'>,
  under: Pick<BranchRow, 'path' | 'production'>,
  { type, id }: NamedResource,
): Resource | undefined {
  const { organization_id: organizationId, organization_slug: slug } = organization;
  if (organizationId === null) return undefined;
  return {
    type,
    id: id ?? organizationId,
    organizationId,
    path: `organizations/${slug}${under.path}`,
    production: type === 'branch' ? under.production : undefined,
  };
}

/** What a row is about; an organization has its id in the row. */
export interface NamedResource {
  readonly type: ResourceKind;
  readonly id: string | undefined;
}

/** @returns the smallest thing that the row has an id of. */
export function smallestOf({
  database_id,
  branch_id,
}: Pick<DatabaseRow, 'database_id' | 'branch_id'>): NamedResource {
  if (branch_id !== null) return { type: 'branch', id: branch_id };
  if (database_id !== null) return { type: 'database', id: database_id };
  return { type: 'organization', id: undefined };
}

/** @returns the status of token, user and application in the row's organization. */
export function toStatus(row: OrganizationRow, token: TokenScopes): OrganizationStatus {
  const { organization_role: organizationRole, base_role: baseRole } = row;
  const membership = organizationRole === null ? undefined : { organizationRole, baseRole };
  return { token, membership, policy: toPolicy(row) };
}

function toPolicy({ policy: row }: OrganizationRow): PolicyCeiling {
  if (row === null) return noCeiling;
  const approval = {
    scopes: row.scope === null ? undefined : parseScopeSet(row.scope),
    production: row.production === true,
    maxGrantSeconds: row.max_grant_seconds ?? undefined,
  };
  return policyCeiling({
    policy: row.policy,
    guardsProduction: row.guards_production,
    owned: row.owned === true,
    verified: row.verified === true,
    isShutOut: row.shut_out,
    approval: row.approved ? approval : undefined,
    grantAgeSeconds: row.grant_age_seconds ?? 0,
  });
}

/** @returns the database of a branch, with no kind of branch but that one's. */
export function toBranchClass({
  direct,
  team,
  production,
}: Pick<BranchRow, 'direct' | 'team' | 'production'>): AccessClass {
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
export function toEntry(row: RowOf<typeof entryColumns>, scopes: ScopeSet): ConsentEntry {
  const { level, version, agreed_production: agreed, rests } = row;
  return level === 'branch'
    ? { level, scopes, version, production: agreed, includesProduction: true, rests }
    : { level, scopes, version, production: undefined, includesProduction: agreed, rests };
}
