/**
 * What one entry of a consent gives to one token.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { emptySet, intersect, isEmpty, type ScopeSet, without } from '../catalogue/scope-set.ts';
import { kindSensitiveScopes, scopesReaching, type TargetKind } from './target-kinds.ts';

/** One resource that the user picked, and the scopes agreed to for it. */
export interface ConsentEntry {
  /** The kind of resource picked; the entry gives scopes of this level only. */
  readonly level: Level;
  readonly scopes: ScopeSet;
  /** The consent's version when the entry was made. */
  readonly version: number;
  /** Of a branch entry: whether the branch was production when the user agreed. */
  readonly production: boolean | undefined;
  /**
   * Of an organization or a database: whether its production branches are included; without, no
   * scope of the entry reaches one. True of a branch, picked for what it is, and of an account.
   */
  readonly includesProduction: boolean;
  /**
   * Whether the entry is older than its organization lets one grow: then it gives nothing until it
   * is consented to again. Left out of one that is new.
   */
  readonly rests?: boolean;
}

/** @returns whether the entry leaves out every resource of that kind, whatever its scopes. */
export function leavesOut(entry: ConsentEntry, kind: TargetKind): boolean {
  return kind === 'production' && !entry.includesProduction;
}

/** @returns whether the token was issued after the entry was made: one that is out never widens. */
export function reachesToken(entry: ConsentEntry, consentVersion: number): boolean {
  return entry.version <= consentVersion;
}

/** @returns the scopes that the entry gives a token of that version, on a kind of resource that they can reach. */
export function consentedScopes(
  entry: ConsentEntry,
  consentVersion: number,
  kind: TargetKind,
): ScopeSet {
  if (entry.rests === true) return emptySet;
  if (!reachesToken(entry, consentVersion) || leavesOut(entry, kind)) return emptySet;
  const given = intersect(entry.scopes, scopesReaching[entry.level][kind]);
  const resting = restingScopes(entry, kind);
  return isEmpty(given) || isEmpty(resting) ? given : without(given, resting);
}

/**
 * @returns the scopes that rest until the user consents again, since the branch has become of the
 *   other kind: promotion does not carry development rights into production.
 */
export function restingScopes(entry: ConsentEntry, kind: TargetKind): ScopeSet {
  const sameKind = entry.production === (kind === 'production');
  return entry.level === 'branch' && !sameKind ? kindSensitiveScopes : emptySet;
}
