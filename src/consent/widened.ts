/**
 * What a decision gives beyond what held before it: scopes on resources, or on production branches, where
 * they did not hold; scopes that rested and hold again; and, where a consent ends later than before, all of it.
 *
 * @module
 */

import { emptySet, type ScopeSet, union, without } from '../catalogue/scope-set.ts';
import type { NewEntry } from '../storage/consents/consent-entries.ts';
import { type Lifetime, lifetimeSeconds } from './lifetime.ts';
import { keyOf } from './merge-entries.ts';

/** A consent's entries, and for how long they hold. */
export interface Widening {
  readonly before: readonly NewEntry[];
  readonly after: readonly NewEntry[];
  /** When it was to end; undefined: never. */
  readonly expiresAt: Date | undefined;
  /** The end that was chosen, counted from now; undefined: the same as before. */
  readonly lifetime: Lifetime | undefined;
}

/** @returns the scopes that hold somewhere, or for a time, where they did not; none of a narrower consent. */
export function widenedScopes({ before, after, expiresAt, lifetime }: Widening): ScopeSet {
  const held = isLater(expiresAt, lifetime) ? [] : before.filter(holds);
  const heldAt = Map.groupBy(held, resourceOf);
  return after.filter(holds).reduce((sum, entry) => {
    const there = (heldAt.get(resourceOf(entry)) ?? []).filter(
      ({ includesProduction }) => includesProduction || !entry.includesProduction,
    );
    const scopes = there.reduce((set, one) => union(set, one.scopes), emptySet);
    return union(sum, without(entry.scopes, scopes));
  }, emptySet);
}

const holds = ({ rests }: NewEntry) => rests !== true;

/** A resource, and of a branch its kind. */
const resourceOf = ({ resource, production }: NewEntry) => `${keyOf(resource)} ${production}`;

function isLater(expiresAt: Date | undefined, lifetime: Lifetime | undefined): boolean {
  if (expiresAt === undefined || lifetime === undefined) return false;
  const seconds = lifetimeSeconds(lifetime);
  return seconds === null || Date.now() + seconds * 1000 > expiresAt.getTime();
}
