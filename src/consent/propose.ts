/**
 * What the consent page shows to one user for one request: who asks, for what, and where the user
 * can give it.
 *
 *     what stands + what was picked -> the part of the tree that fits -> an offer on each resource
 *
 * Source: RFC 6749 section 3.1 (the user decides), the domain's rules for consents.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { emptySet, has, type ScopeSet, union } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import { type ApplicationSummary, findApplication } from '../storage/clients/client-list.ts';
import { entriesOf } from '../storage/consents/consent-entries.ts';
import { findConsent, type Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  type MemberBranch,
  type MemberDatabase,
  type MemberOrganization,
  memberOrganizations,
  type Part,
} from '../storage/tree/resources.ts';
import { asksAt, parseAskedScope } from './asked-scope.ts';
import { awaitsApproval, type GrantabilityFacts, loadGrantabilityFacts } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { indexOf, type OfferFacts, offerOn, type ResourceOffer, type Selection } from './offers.ts';
import { type OutOfReach, requiredOutOfReach, requiredScopes } from './required.ts';
import { excerptOfTree, type TreeExcerpt } from './tree-excerpt.ts';

/** Who is asked for what, and how far the page has come. */
export interface ProposalRequest extends Pair {
  /** The request's scope from the server's own store, expanded and canonical. */
  readonly asked: string;
  /** What `tree-excerpt.ts` searches by; '' finds everything. */
  readonly search: string;
  /** What the user had picked when the page is drawn again; undefined on the first view. */
  readonly selection: Selection | undefined;
}

/** Everything that the page shows. */
export interface Proposal {
  readonly application: ApplicationSummary;
  readonly openid: readonly string[];
  /** The asked scopes of the catalogue by level, in catalogue order. */
  readonly asked: Readonly<Record<Level, readonly Scope[]>>;
  /** The user's own account; undefined when nothing of its level is asked. */
  readonly account: ResourceOffer | undefined;
  /** By slug; empty when nothing below the account is asked. */
  readonly organizations: readonly OrganizationOffer[];
  /** How many organizations of the user there is no room for. */
  readonly organizationsLeftOut: number;
  /** The asked scopes that cannot be left out: each must be given on at least one resource. */
  readonly required: ScopeSet;
  /** Those of them that the user can give nowhere: then the page can only offer to cancel. */
  readonly outOfReach: readonly OutOfReach[];
  /** When the consent that stands ends; undefined without one, and where only removal ends it. */
  readonly expiresAt: Date | undefined;
}

/** An organization, with the databases that fit on the page. */
export interface OrganizationOffer {
  readonly organization: MemberOrganization;
  /** The organization must approve this application first, and has not. */
  readonly awaitsApproval: boolean;
  /** How old a grant may grow there, where the approval limits it. */
  readonly maxGrantSeconds: number | undefined;
  /** Undefined when nothing of the organization's level is asked. */
  readonly offer: ResourceOffer | undefined;
  readonly databases: readonly DatabaseOffer[];
  /** How many more databases match than are shown. */
  readonly databasesLeftOut: number;
}

/** A database, with the branches that fit on the page. */
export interface DatabaseOffer {
  readonly database: MemberDatabase;
  readonly offer: ResourceOffer | undefined;
  readonly branches: readonly BranchOffer[];
  readonly branchesLeftOut: number;
}

/** A branch; its offer is there, since branches are shown only when their scopes are asked. */
export interface BranchOffer {
  readonly branch: MemberBranch;
  readonly offer: ResourceOffer;
}

/** @returns what to show; undefined when there is no such application. */
export async function proposeConsent(
  db: Db,
  request: ProposalRequest,
): Promise<Proposal | undefined> {
  const { accountId, clientId, selection } = request;
  const application = await findApplication(db, clientId);
  if (application === undefined) return undefined;
  const { openid, scopes: asked } = parseAskedScope(request.asked);
  const consent = await findConsent(db, request);
  const entries = consent === undefined ? [] : await entriesOf(db, consent.id);

  const organizations = await memberOrganizations(db, accountId);
  const ids = organizations.map(({ id }) => id);
  const grantability = await loadGrantabilityFacts(db, accountId, application, ids);
  const required = requiredScopes(application, asked);
  const given = entries.map((entry) => entry.scopes).reduce(union, emptySet);
  const facts: OfferFacts = {
    asked,
    askedBefore: parseAskedScope(consent?.askedScope ?? '').scopes,
    standing: Map.groupBy(entries, ({ resource }) => keyOf(resource)),
    selection: selection && indexOf(selection),
    grantability,
  };
  const excerpt = await excerptOfTree(db, { ...request, scopes: asked, organizations, entries });
  const parts: ByParent = {
    ...excerpt,
    databasesIn: Map.groupBy(excerpt.databases.items, ({ organizationId }) => organizationId),
    branchesIn: Map.groupBy(excerpt.branches.items, ({ databaseId }) => databaseId),
  };
  const offers = [];
  for (const one of excerpt.organizations) offers.push(await organizationOffer(one, parts, facts));
  return {
    application,
    openid,
    asked: byLevel(asked),
    account: asksAt(asked, 'user') ? offerOn({ level: 'user', accountId }, facts) : undefined,
    organizations: offers,
    organizationsLeftOut: excerpt.organizationsLeftOut,
    required,
    outOfReach: requiredOutOfReach(required, given, organizations, grantability),
    expiresAt: consent?.expiresAt,
  };
}

/** The part of the tree that fits, with what is in each organization and database. */
interface ByParent extends TreeExcerpt {
  readonly databasesIn: ReadonlyMap<string, readonly MemberDatabase[]>;
  readonly branchesIn: ReadonlyMap<string, readonly MemberBranch[]>;
}

async function organizationOffer(
  organization: MemberOrganization,
  parts: ByParent,
  facts: OfferFacts,
): Promise<OrganizationOffer> {
  const own = parts.databasesIn.get(organization.id) ?? [];
  const { grantability, asked } = facts;
  const offers = await mapWithPauses(own, (database) =>
    databaseOffer(organization, database, parts, facts),
  );
  return {
    organization,
    awaitsApproval: awaitsApproval(organization, grantability),
    maxGrantSeconds: lifetimeLimit(organization, grantability),
    offer: asksAt(asked, 'organization')
      ? offerOn({ level: 'organization', organization }, facts)
      : undefined,
    databases: offers,
    databasesLeftOut: leftOut(parts.databases, organization.id, own.length),
  };
}

function databaseOffer(
  organization: MemberOrganization,
  database: MemberDatabase,
  { branches, branchesIn }: ByParent,
  facts: OfferFacts,
): DatabaseOffer {
  const own = branchesIn.get(database.id) ?? [];
  return {
    database,
    offer: asksAt(facts.asked, 'database')
      ? offerOn({ level: 'database', organization, database }, facts)
      : undefined,
    branches: own.map((branch) => ({
      branch,
      offer: offerOn({ level: 'branch', organization, database, branch }, facts),
    })),
    branchesLeftOut: leftOut(branches, database.id, own.length),
  };
}

/** Picked resources stand on the page without matching, so this may count a few too few. */
function leftOut({ matching }: Part<unknown>, parentId: string, shown: number): number {
  return Math.max(0, (matching.get(parentId) ?? 0) - shown);
}

function lifetimeLimit(
  { id, policy }: MemberOrganization,
  { application, approvals }: GrantabilityFacts,
): number | undefined {
  const isBound = policy === 'approval_required' && application.owner?.id !== id;
  return isBound ? approvals.get(id)?.maxGrantSeconds : undefined;
}

function byLevel(asked: ScopeSet): Record<Level, Scope[]> {
  const at = (level: Level) =>
    scopes.filter((scope) => scope.level === level && has(asked, scope.scope));
  return {
    user: at('user'),
    organization: at('organization'),
    database: at('database'),
    branch: at('branch'),
  };
}
