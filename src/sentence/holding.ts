/**
 * What one entry of a consent gives now, and what it could give to somebody with other roles.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import {
  allScopes,
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  union,
} from '../catalogue/scope-set.ts';
import { type ConsentEntry, consentedScopes } from '../decisions/consented-scopes.ts';
import { effectiveScopes } from '../decisions/effective-scopes.ts';
import { type Candidate, kindsIn } from '../decisions/grantable-scopes.ts';
import type { PolicyCeiling } from '../decisions/policy.ts';
import { branchKind, type TargetKind, targetOf } from '../decisions/target-kinds.ts';
import type { Membership } from '../members/permissions.ts';

/** What people know a resource by. */
export interface ResourceName {
  readonly level: Level;
  /** `acme`, `acme/shop`, `acme/shop/main`; '' for the user's own account. */
  readonly path: string;
}

/** An entry, the resource it is on, and the user's roles there now. */
export interface ChosenEntry {
  readonly name: ResourceName;
  readonly entry: ConsentEntry;
  /** The resource with the user's roles; of an organization those on its databases. */
  readonly candidate: Candidate;
  /** Undefined for a stranger, a suspended member, and on the account. */
  readonly membership: Membership | undefined;
  readonly policy: PolicyCeiling;
}

const newest = Number.MAX_SAFE_INTEGER;
const newToken = { issued: allScopes, registered: allScopes, consentVersion: newest };

/**
 * @returns the scopes of the entry that hold now on the resource or on something under it; a branch
 *   of either kind may be made under it at any time.
 */
export function holding(chosen: ChosenEntry): ScopeSet {
  return holdingWhere(chosen, () => true);
}

/** @returns the same on production branches alone. */
export function holdsOnProduction(chosen: ChosenEntry): ScopeSet {
  return holdingWhere(chosen, (kind) => kind === 'production');
}

/** @returns whether one of the scopes holds now by one of the entries. */
export function isAnyHeld(entries: readonly ChosenEntry[], scopes: ScopeSet): boolean {
  return entries.some((chosen) => !isEmpty(intersect(holding(chosen), scopes)));
}

/** Everywhere. */
const kinds: readonly TargetKind[] = [
  'user',
  'organization',
  'database',
  'development',
  'production',
];

/** @returns the scopes that the entry could give, whatever the roles and the kind of its branch. */
export function couldEverHold({ entry }: ChosenEntry): ScopeSet {
  return kinds.map((kind) => couldGive(entry, kind)).reduce(union, emptySet);
}

/** What rests because of its age counts: the organization may let it grow older. */
function couldGive(entry: ConsentEntry, kind: TargetKind): ScopeSet {
  return consentedScopes({ ...entry, rests: false }, newest, kind);
}

/** @returns the scopes that the entry could give as its branch is now, whatever the roles. */
export function couldHoldAnywhere(chosen: ChosenEntry): ScopeSet {
  return kinds.map((kind) => couldHold(chosen, kind)).reduce(union, emptySet);
}

/** @returns the scopes that the entry could give on a kind of resource, whatever roles the user had. */
export function couldHold({ entry, candidate }: ChosenEntry, kind: TargetKind): ScopeSet {
  const ownKind = candidate.type === 'branch' ? branchKind(candidate.production) : undefined;
  const isOther = ownKind !== undefined && kind !== ownKind;
  return isOther ? emptySet : couldGive(entry, kind);
}

function holdingWhere(chosen: ChosenEntry, isWanted: (kind: TargetKind) => boolean): ScopeSet {
  const { candidate, entry, membership, policy } = chosen;
  const levels = ['user', 'organization', 'database', 'branch'] as const;
  return levels
    .flatMap((actsOn) => kindsIn(candidate, actsOn))
    .filter(({ kind }) => isWanted(kind))
    .map(({ kind, databaseRoles }) =>
      effectiveScopes({
        token: newToken,
        entries: [entry],
        membership,
        policy,
        databaseRoles,
        target: targetOf(kind),
      }),
    )
    .reduce(union, emptySet);
}
