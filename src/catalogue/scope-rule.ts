/**
 * The shape of a scope's row in the catalogue's tables.
 *
 * @module
 */

import type { PermissionId } from './permissions.ts';

/** How far a scope reaches: the kind of resource that the user picks for it. */
export type Level = 'user' | 'organization' | 'database' | 'branch';

/** The kinds of resource; a scope acts on exactly one. */
export type ResourceKind = Level;

/** Permissions that the member must hold, all of them, at the moment of use. */
type Requirement = readonly PermissionId[];

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

/** Rows by canonical name, `level:name`. */
export type ScopeTable = Readonly<
  Record<`${Level}:${string}`, ScopeRule & { readonly description: string }>
>;
