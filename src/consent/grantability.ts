/**
 * What a user could consent to now, on any resource that the user sees. The page and the record ask
 * here, so what the page offers is what the record takes.
 *
 * @module
 */

import { emptySet, type ScopeSet, scopeSet, union } from '../catalogue/scope-set.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import {
  type Candidate,
  type ConsentFacts,
  type Grantability,
  grantableScopes,
} from '../decisions/grantable-scopes.ts';
import {
  type ApplicationStatus,
  type Approval,
  needsApproval,
  noCeiling,
  type PolicyCeiling,
  policyCeiling,
} from '../decisions/policy.ts';
import { type Withheld, withheldFrom } from '../decisions/withheld.ts';
import type { DatabaseRoles } from '../members/permissions.ts';
import { approvalsOf } from '../storage/clients/approvals.ts';
import type { ApplicationSummary } from '../storage/clients/client-list.ts';
import { shutOutsOf } from '../storage/clients/shut-outs.ts';
import type { EntryResource } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import type { SeenResource } from '../storage/tree/resource-lookup.ts';
import { type MemberOrganization, rolesOnDatabases } from '../storage/tree/resources.ts';

/** The user's account, or a resource that the user sees. */
export type Pickable = { readonly level: 'user'; readonly accountId: string } | SeenResource;

/** What decides beside the resource itself, loaded once for a page or a record. */
export interface GrantabilityFacts {
  readonly application: ApplicationSummary;
  readonly approvals: ReadonlyMap<string, Approval>;
  /** The organizations that keep the application out. */
  readonly shutOuts: ReadonlySet<string>;
  /** The different roles that the user has on databases, by organization. */
  readonly databaseRoles: ReadonlyMap<string, readonly DatabaseRoles[]>;
  /**
   * Whether production branches of organizations and databases are included; they are unless it is
   * false. A branch is picked for what it is.
   */
  readonly includesProduction?: boolean;
}

/** Loads the facts for the organizations concerned. */
export async function loadGrantabilityFacts(
  db: Db,
  accountId: string,
  application: ApplicationSummary,
  organizationIds: readonly string[],
): Promise<GrantabilityFacts> {
  const approvals = await approvalsOf(db, application.id, organizationIds);
  const shutOuts = await shutOutsOf(db, application.id, organizationIds);
  return { application, approvals, shutOuts, databaseRoles: await rolesOnDatabases(db, accountId) };
}

/** @returns one answer for each asked scope of the resource's level, in catalogue order. */
export function grantabilityOn(
  asked: ScopeSet,
  resource: Pickable,
  facts: GrantabilityFacts,
): Grantability[] {
  return grantableScopes(asked, consentFactsOn(resource, facts));
}

/** @returns where a scope that can be given on the resource does not reach now. */
export function withheldOn(
  scope: ScopeName,
  resource: Pickable,
  facts: GrantabilityFacts,
): Withheld[] {
  return withheldFrom(scope, consentFactsOn(resource, facts));
}

/** @returns what decides about consenting on the resource. */
export function consentFactsOn(resource: Pickable, facts: GrantabilityFacts): ConsentFacts {
  const candidate = candidateOf(resource, facts);
  if (resource.level === 'user') return { candidate, membership: undefined, policy: noCeiling };
  const { organization } = resource;
  const policy = ceilingOf(organization, facts);
  const { includesProduction = true } = facts;
  return { candidate, membership: organization.membership, policy, includesProduction };
}

/** The scopes that are grantable among the answers. */
export function grantableAmong(answers: readonly Grantability[]): ScopeSet {
  return answers
    .filter(({ grantable }) => grantable)
    .reduce((set, { scope }) => union(set, scopeSet([scope])), emptySet);
}

/** Whether the organization's policy asks for an approval that the application does not have. */
export function awaitsApproval(
  organization: MemberOrganization,
  facts: GrantabilityFacts,
): boolean {
  const status = statusIn(organization, facts);
  if (status.isShutOut || status.approval !== undefined) return false;
  return needsApproval({ ...organization, ...status });
}

/** Whether only production is kept from the application, and nobody has decided about it yet. */
export function awaitsProduction(
  organization: MemberOrganization,
  facts: GrantabilityFacts,
): boolean {
  const status = statusIn(organization, facts);
  const { owned, verified, isShutOut, approval } = status;
  if (owned || verified || isShutOut || approval !== undefined) return false;
  return organization.guardsProduction && !needsApproval({ ...organization, ...status });
}

/** How old a grant may grow in the organization; undefined where it is not limited. */
export function longestGrant(
  organization: MemberOrganization,
  facts: GrantabilityFacts,
): number | undefined {
  const status = statusIn(organization, facts);
  const isLimited = needsApproval({ ...organization, ...status });
  return isLimited ? status.approval?.maxGrantSeconds : undefined;
}

function statusIn(
  { id }: MemberOrganization,
  { application, approvals, shutOuts }: GrantabilityFacts,
): ApplicationStatus {
  return {
    owned: application.owner?.id === id,
    verified: application.isVerified,
    isShutOut: shutOuts.has(id),
    approval: approvals.get(id),
  };
}

/** A resource as an entry refers to it. */
export function entryResourceOf(resource: Pickable): EntryResource {
  if (resource.level === 'user') {
    const { level, accountId: id } = resource;
    return { level, id, organizationId: undefined, databaseId: undefined };
  }
  const { level, organization } = resource;
  const organizationId = organization.id;
  if (level === 'organization') {
    return { level, id: organizationId, organizationId, databaseId: undefined };
  }
  const databaseId = resource.database.id;
  const id = level === 'branch' ? resource.branch.id : databaseId;
  return { level, id, organizationId, databaseId };
}

function candidateOf(resource: Pickable, { databaseRoles }: GrantabilityFacts): Candidate {
  switch (resource.level) {
    case 'user':
      return { type: 'user' };
    case 'organization':
      return {
        type: 'organization',
        databases: databaseRoles.get(resource.organization.id) ?? [],
      };
    case 'database':
      return { type: 'database', databaseRoles: resource.database.roles };
    case 'branch':
      return {
        type: 'branch',
        databaseRoles: resource.database.roles,
        production: resource.branch.production,
      };
  }
}

/** @returns what the organization's policy leaves to a grant that begins now. */
export function ceilingOf(
  organization: MemberOrganization,
  facts: GrantabilityFacts,
): PolicyCeiling {
  return policyCeiling({ ...organization, ...statusIn(organization, facts), grantAgeSeconds: 0 });
}
