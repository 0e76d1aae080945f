/**
 * One resource as the user picks it on a page.
 *
 * @module
 */

import type { ScopeSet } from '../catalogue/scope-set.ts';
import type { ResourceKey } from '../storage/consents/consent-entries.ts';

/** A resource that was picked in the form, with the scopes that are ticked there. */
export interface PickedResource extends ResourceKey {
  readonly scopes: ScopeSet;
  /** Of a branch: the kind that the page said it had; undefined where the form does not say. */
  readonly seenProduction: boolean | undefined;
  /**
   * Of an organization or a database: whether its production branches are included. A branch, and
   * the user's account, are picked for what they are: the value does not count there.
   */
  readonly includesProduction: boolean;
}

/** Whether production branches are a choice of their own there: what may have several branches. */
export function hasProductionChoice({ level }: Pick<ResourceKey, 'level'>): boolean {
  return level === 'organization' || level === 'database';
}
