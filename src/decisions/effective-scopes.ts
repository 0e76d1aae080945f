/**
 * What a token may do on a resource, decided at the moment of use.
 *
 *   the scopes of every consent entry whose resource is that resource or an ancestor of it
 *   ∩ the scopes that this token was issued with
 *   ∩ what the member's roles permit there now
 *   ∩ what the organization's policy leaves now
 *   ∩ what the client is registered for now
 *
 * Nothing is read here: the caller loads the facts, so a role changed a second ago is in force.
 * Whether token, client and account live is for the caller to check first.
 *
 * Source: RFC 6749 section 3.3 (scope), RFC 7662 section 2.2 (scope of an introspection answer).
 *
 * @module
 */

import { emptySet, intersect, isEmpty, type ScopeSet, union } from '../catalogue/scope-set.ts';
import { type DatabaseRoles, type Membership, noDatabaseRoles } from '../members/permissions.ts';
import { type ConsentEntry, consentedScopes } from './consented-scopes.ts';
import { permissionsAt, permittedScopes } from './permitted-scopes.ts';
import { type PolicyCeiling, scopesUnder } from './policy.ts';
import {
  type BranchKind,
  branchKinds,
  kindOfTarget,
  type Target,
  type TargetKind,
} from './target-kinds.ts';

/** The scopes of a token and of its client. */
export interface TokenScopes {
  readonly issued: ScopeSet;
  /** What the client is registered for now. */
  readonly registered: ScopeSet;
  /** The version that the consent had when the token was issued; later entries do not count. */
  readonly consentVersion: number;
}

/** A token and the status, in one organization, of the user behind it and of the application. */
export interface OrganizationStatus {
  readonly token: TokenScopes;
  /** Undefined for a stranger and for a suspended member. */
  readonly membership: Membership | undefined;
  readonly policy: PolicyCeiling;
}

/** What decides on one resource. */
export interface UseFacts extends OrganizationStatus {
  /** The entries whose resource is the target or an ancestor of it. */
  readonly entries: readonly ConsentEntry[];
  /** The member's roles on the target, or on the database that the target branch belongs to. */
  readonly databaseRoles: DatabaseRoles;
  readonly target: Target;
}

/** Databases on which a member has the same roles, and the kinds of branch that exist there. */
export interface AccessClass extends DatabaseRoles {
  readonly production: boolean;
  readonly development: boolean;
}

/**
 * An entry, and the databases that it reaches: of an organization all, of a database that one, of
 * a branch its database with no kind of branch but its own. A user's entry reaches none.
 */
export interface ReachedEntry {
  readonly entry: ConsentEntry;
  readonly reached: readonly AccessClass[];
}

/** What decides on the resources under an organization or a database. */
export interface BelowFacts extends OrganizationStatus {
  readonly entries: readonly ConsentEntry[];
  readonly target: Target;
  /** The databases of the target organization, or the target database. */
  readonly databases: readonly AccessClass[];
  /** The entries whose resources are under the target. */
  readonly children: readonly ReachedEntry[];
}

/** @returns the scopes that act on a resource of the target's kind and hold on the target now. */
export function effectiveScopes(facts: UseFacts): ScopeSet {
  return effectiveAt(kindOfTarget(facts.target), facts.databaseRoles, facts.entries, facts);
}

/**
 * @returns the scopes that act on kinds of resource under the target and hold now on at least one
 *   child. A branch to be created counts as development, so every database has that kind.
 */
export function scopesBelow(facts: BelowFacts): ScopeSet {
  const { target, entries, databases, children } = facts;
  if (target.type !== 'organization' && target.type !== 'database') return emptySet;

  const own = unionOf(databases, (database) => {
    const branches = branchKindsOf(withNewBranch(database));
    const under: TargetKind[] = target.type === 'database' ? branches : ['database', ...branches];
    return effectiveInAny(under, database, entries, facts);
  });
  const ofChildren = unionOf(children, ({ entry, reached }) => {
    const withNew = entry.level === 'branch' ? reached : reached.map(withNewBranch);
    return onDatabases({ entry, reached: withNew }, facts);
  });
  return union(own, ofChildren);
}

/** @returns the entry's scopes that hold now on at least one existing resource it reaches. */
export function entryActions(reachedEntry: ReachedEntry, status: OrganizationStatus): ScopeSet {
  const above = effectiveInAny(
    ['user', 'organization'],
    noDatabaseRoles,
    [reachedEntry.entry],
    status,
  );
  return union(above, onDatabases(reachedEntry, status));
}

function onDatabases({ entry, reached }: ReachedEntry, status: OrganizationStatus): ScopeSet {
  return unionOf(reached, (database) =>
    effectiveInAny(['database', ...branchKindsOf(database)], database, [entry], status),
  );
}

function effectiveInAny(
  kinds: readonly TargetKind[],
  roles: DatabaseRoles,
  entries: readonly ConsentEntry[],
  status: OrganizationStatus,
): ScopeSet {
  return unionOf(kinds, (kind) => effectiveAt(kind, roles, entries, status));
}

function effectiveAt(
  kind: TargetKind,
  roles: DatabaseRoles,
  entries: readonly ConsentEntry[],
  { token, membership, policy }: OrganizationStatus,
): ScopeSet {
  const consented = unionOf(entries, (entry) => consentedScopes(entry, token.consentVersion, kind));
  if (isEmpty(consented)) return emptySet; // nothing can be added to it, so the rest need not be asked
  const bound = intersect(intersect(token.issued, token.registered), scopesUnder(policy, kind));
  const permitted = permittedScopes(kind, permissionsAt(kind, membership, roles));
  return intersect(intersect(consented, bound), permitted);
}

function withNewBranch(database: AccessClass): AccessClass {
  return { ...database, development: true };
}

function branchKindsOf(database: AccessClass): BranchKind[] {
  return branchKinds.filter((kind) => database[kind]);
}

function unionOf<Item>(items: readonly Item[], of: (item: Item) => ScopeSet): ScopeSet {
  let sum = emptySet;
  for (const item of items) {
    const set = of(item);
    sum = isEmpty(sum) ? set : union(sum, set);
  }
  return sum;
}
