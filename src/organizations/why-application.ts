/**
 * What an application can do for a member on a resource, and why: from what the member allowed, the
 * member's roles, the organization's policy and its approval together.
 *
 * The answer is that of `explainUse`, which introspection's refusals come from, for a token that the
 * application would get now: of the newest version of the consent, with all that the application may ask
 * for. Of the consent only what concerns the organization is read.
 *
 * @module
 */

import { has, type ScopeSet } from '../catalogue/scope-set.ts';
import { type Scope, type ScopeName, scopes } from '../catalogue/scopes.ts';
import type { ConsentEntry } from '../decisions/consented-scopes.ts';
import type { UseFacts } from '../decisions/effective-scopes.ts';
import {
  explainTarget,
  explainUse,
  type TargetRefusal,
  type UseRefusal,
} from '../decisions/explain.ts';
import { type PolicyCeiling, policyCeiling } from '../decisions/policy.ts';
import { requirement, type TargetKind, targetOf } from '../decisions/target-kinds.ts';
import { findApproval, isApplication, type StoredApproval } from '../storage/clients/approvals.ts';
import { type ApplicationSummary, findApplication } from '../storage/clients/client-list.ts';
import { boundingScopes } from '../storage/clients/registrations.ts';
import { findShutOut, type ShutOut } from '../storage/clients/shut-outs.ts';
import {
  type EntryResource,
  entriesOf,
  type StoredEntry,
} from '../storage/consents/consent-entries.ts';
import { findConsent } from '../storage/consents/consents.ts';
import type { Db, Reader } from '../storage/engine/database.ts';
import { findListedMember, type ListedMember } from '../storage/people/members.ts';
import type { AccessSources } from '../storage/tree/access-sources.ts';
import type { Organization } from '../storage/tree/organizations.ts';
import type { Actor } from './actor.ts';
import { type AskedResource, type FoundResource, readResource } from './asked-resource.ts';
import type { AccessSource } from './effective-access.ts';
import { readInside } from './inside.ts';
import { found } from './refusals.ts';
import { inOrganization } from './rights.ts';
import { findSources, sourcesOf } from './why.ts';

/** A resource that was picked for the application. */
export type PickedLevel = 'organization' | 'database' | 'branch';

/** The answer about one scope. */
export interface ApplicationAnswer {
  readonly scope: ScopeName;
  /** Why the application cannot use it; undefined: it can. */
  readonly refusal: UseRefusal | undefined;
  /** What would be missing beside: where it was not allowed, what the person or the policy lacks. */
  readonly beside: TargetRefusal | undefined;
  /** What the person picked that carries it, from the resource itself upwards. */
  readonly allowedOn: readonly PickedLevel[];
  /** What gives it to the person. */
  readonly sources: readonly AccessSource[];
}

/** What is known about an application, a person and a resource. */
export interface WhyApplication {
  readonly application: ApplicationSummary;
  readonly approval: StoredApproval | undefined;
  readonly shutOut: ShutOut | undefined;
  readonly person: ListedMember;
  readonly isActive: boolean;
  readonly on: FoundResource;
  /** What the person picked for the application in the organization. */
  readonly picked: readonly EntryResource[];
  readonly answers: readonly ApplicationAnswer[];
}

/** Whom, where and through what. */
export interface ApplicationQuestion extends AskedResource {
  readonly accountId: string;
  readonly clientId: string;
}

/**
 * For whoever may see what applications can reach in the organization, and for everybody about themselves.
 *
 * @throws {RefusedError} `not_found`; `forbidden`.
 */
export async function explainApplication(
  db: Reader,
  actor: Actor,
  at: ApplicationQuestion,
): Promise<WhyApplication> {
  const isOwn = actor.accountId === at.accountId;
  const entrance = inOrganization(actor, 'application_access.read', at);
  if (!isOwn) await readInside(db, entrance, async () => undefined);
  return readResource(db, { actor, isOwn }, at, async (tx, on) => {
    const person = found(await findListedMember(tx, at));
    const sources = found(await findSources(tx, at));
    const application = found(await findAskedApplication(tx, actor, at.clientId));
    const ids = { organizationId: at.organizationId, clientId: at.clientId };
    const approval = await findApproval(tx, ids);
    const shutOut = await findShutOut(tx, ids);
    const policy = ceilingOf(on.organization, application, { approval, shutOut });
    const { entries, version } = await findEntries(tx, at);
    const covering = entries.filter((entry) => covers(entry, at));
    const bound = await boundingScopes(tx, at.clientId);
    const use = toUse({ on, sources, policy, covering, version, bound });
    const answers = groupsAt(on.kind).map((group) => answer(group, use, { on, sources, covering }));
    return {
      application,
      approval,
      shutOut,
      person,
      isActive: sources.active,
      on,
      picked: entries.map(({ resource }) => resource),
      answers,
    };
  });
}

async function findAskedApplication(tx: Db, { accountId }: Actor, clientId: string) {
  if (!(await isApplication(tx, clientId))) return undefined;
  return findApplication(tx, clientId, accountId);
}

/** @returns what the policy leaves to a grant that begins now. */
function ceilingOf(
  { id, applicationPolicy: policy, guardsProduction }: Organization,
  { owner, isVerified: verified }: ApplicationSummary,
  { approval, shutOut }: Pick<WhyApplication, 'approval' | 'shutOut'>,
): PolicyCeiling {
  return policyCeiling({
    policy,
    guardsProduction,
    owned: owner?.id === id,
    verified,
    isShutOut: shutOut !== undefined,
    approval,
    grantAgeSeconds: 0,
  });
}

async function findEntries(tx: Db, at: ApplicationQuestion) {
  const consent = await findConsent(tx, at);
  if (consent === undefined) return { entries: [], version: 0 };
  const all = await entriesOf(tx, consent.id);
  const inside = ({ resource }: StoredEntry) => resource.organizationId === at.organizationId;
  return { entries: all.filter(inside), version: consent.version };
}

/** Whether the entry's resource is the one that is asked about, or above it. */
function covers({ resource }: StoredEntry, at: AskedResource): boolean {
  return [at.organizationId, at.databaseId, at.branchId].includes(resource.id);
}

interface Known {
  readonly on: FoundResource;
  readonly sources: AccessSources;
  readonly covering: readonly (ConsentEntry & StoredEntry)[];
}

interface ToDecide extends Known {
  readonly policy: PolicyCeiling;
  readonly version: number;
  readonly bound: ScopeSet;
}

function toUse({ on, sources, policy, covering, version, bound }: ToDecide): UseFacts {
  const { active, membership, direct, teams } = sources;
  const isIn = active && on.organization.suspendedFor === undefined;
  return {
    token: { issued: bound, registered: bound, consentVersion: version },
    membership: isIn ? membership : undefined,
    policy,
    entries: covering,
    databaseRoles: { direct, team: teams.length > 0 },
    target: targetOf(on.kind),
  };
}

/** The scopes that act on such a resource; those of several levels that mean the same there are one. */
function groupsAt(kind: TargetKind): Scope[][] {
  const { type } = targetOf(kind);
  const here = scopes.filter((scope) => scope.actsOn === type && requirement(scope, kind) !== null);
  return [...Map.groupBy(here, ({ name, requires }) => JSON.stringify([name, requires])).values()];
}

/** How near a refusal is to a permission: the later in the list, the less is missing. */
const nearness: readonly UseRefusal['reason'][] = [
  'scope_missing',
  'not_in_grant',
  'rests_until_consented_again',
];

/** The answer about the scope of a group that the application has, or is nearest to. */
function answer(group: readonly Scope[], use: UseFacts, known: Known): ApplicationAnswer {
  const explained = group.map(({ scope }) => ({ scope, refusal: explainUse(scope, use) }));
  const [nearest] = explained.toSorted((one, other) => rank(other.refusal) - rank(one.refusal));
  if (nearest === undefined) throw new Error('a group of scopes without a scope');
  const { scope, refusal } = nearest;
  const { kind } = known.on;
  const target = explainTarget(scope, kind, use);
  const isTarget = refusal === undefined || refusal.reason === target?.reason;
  return {
    scope,
    refusal,
    beside: isTarget ? undefined : target,
    allowedOn: levelsCarrying(scope, known.covering),
    sources: sourcesOf({ kind: 'scope', scope }, kind, known.sources),
  };
}

function rank(refusal: UseRefusal | undefined): number {
  if (refusal === undefined) return nearness.length + 1;
  const at = nearness.indexOf(refusal.reason);
  return at === -1 ? nearness.length : at;
}

const upwards: readonly PickedLevel[] = ['branch', 'database', 'organization'];

function levelsCarrying(scope: ScopeName, entries: readonly ConsentEntry[]): PickedLevel[] {
  return upwards.filter((level) =>
    entries.some((entry) => entry.level === level && has(entry.scopes, scope)),
  );
}
