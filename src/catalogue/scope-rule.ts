/**
 * What a scope acts on, and what it requires there.
 *
 * @module
 */

import type { Level } from '../catalogue-files/levels.ts';

/** The name of a permission, such as `create_branches`. */
export type PermissionId = string;

export { type Effect, type Level, levels } from '../catalogue-files/levels.ts';

/** The kinds of resource; a scope acts on exactly one. */
export type ResourceKind = Level;

/** Permissions that the member must hold, all of them, at the moment of use. */
export type Requirement = readonly PermissionId[];

/**
 * What a scope requires on a branch of either kind, by the branch's production flag at the moment
 * of use; null where the scope never reaches such a branch, whoever holds it.
 */
interface BranchRequirement {
  readonly development: Requirement | null;
  readonly production: Requirement | null;
}

/** What a scope acts on, and what it requires there. */
export type ScopeRule =
  | { readonly actsOn: Exclude<ResourceKind, 'branch'>; readonly requires: Requirement }
  | { readonly actsOn: 'branch'; readonly requires: BranchRequirement };
