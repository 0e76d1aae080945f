/**
 * Which permission an act takes, and which scopes let a token do it: the tables of the catalogue.
 *
 * @module
 */

import { type acts, withLaterActs } from '../catalogue-files/rule-names.ts';
import { catalogue } from './catalogue.ts';
import type { PermissionId } from './permissions.ts';
import type { ScopeName } from './scopes.ts';

/** The catalogue is checked: every act has its permission. */
const rules = catalogue.files['rules.json'];

/** An act, by what it is done to. */
export type OrganizationAct = (typeof acts.organization)[number];
export type DatabaseAct = (typeof acts.database)[number];
export type BranchAct = (typeof acts.branch)[number];

/** A permission for each kind of branch; the kind that counts is the one at that moment. */
export interface ByKind {
  readonly development: PermissionId;
  readonly production: PermissionId;
}

/** The permission that shows a thing to whoever holds it; to others it does not exist. */
export const viewPermissions: Readonly<
  Record<'organization' | 'database' | 'branch', PermissionId>
> = rules.view;

/** What an act on an organization takes. */
export const organizationNeeds: Readonly<Record<OrganizationAct, PermissionId>> = withLaterActs(
  rules.acts.organization,
) as Record<OrganizationAct, PermissionId>;

/** What an act on a database takes. */
export const databaseNeeds: Readonly<Record<DatabaseAct, PermissionId>> = rules.acts
  .database as Record<DatabaseAct, PermissionId>;

/** What an act on a branch takes. */
export const branchNeeds: Readonly<Record<BranchAct, ByKind>> = rules.acts.branch as Record<
  BranchAct,
  ByKind
>;

/** @returns the scopes of which any lets a token do an operation of the management API; none: not by token. */
export function scopesOfRoute(id: string): readonly ScopeName[] {
  return (rules.routes[id as keyof typeof rules.routes] ?? []) as readonly ScopeName[];
}
