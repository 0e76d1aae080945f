/**
 * What a scope acts on, and what it requires there.
 *
 * @module
 */

/** The name of a permission, such as `create_branches`. */
export type PermissionId = string;

/** The levels, widest first: how far a scope reaches, and the kinds of thing it can act on. */
export const levels = ['user', 'organization', 'database', 'branch'] as const;

/** How far a scope reaches from the resource that the user picked. */
export type Level = (typeof levels)[number];

/** The kinds of resource; a scope acts on exactly one. */
export type ResourceKind = Level;

/** What a scope does to people's data, most harmless first: pages group and warn by it. */
export const effects = ['see', 'change', 'people', 'delete', 'secrets'] as const;

/** What a scope does: `people` is members, roles and invitations; `secrets` open the data itself. */
export type Effect = (typeof effects)[number];

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
