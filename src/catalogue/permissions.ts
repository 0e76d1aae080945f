/**
 * The permissions of the catalogue: what a role can give on an organization, or on a database and its
 * branches. Who holds them is the business of `members/permissions.ts`.
 *
 * @module
 */

import { catalogue } from './catalogue.ts';
import type { PermissionId } from './scope-rule.ts';

export type { PermissionId } from './scope-rule.ts';

/** One row of the permission table. */
export interface Permission {
  readonly id: PermissionId;
  readonly on: 'organization' | 'database';
  readonly label: string;
  /** Where a row of published tables, or a rule, says so. */
  readonly reference?: string | undefined;
}

/** All permissions, in the order of the catalogue. */
export const permissions: readonly Permission[] = catalogue.files['permissions.json'].permissions;

/** The names of all permissions, in the same order. */
export const permissionIds: readonly PermissionId[] = permissions.map(({ id }) => id);

/** The permissions about a database, in the same order. */
export const databasePermissionIds: readonly PermissionId[] = permissions
  .filter(({ on }) => on === 'database')
  .map(({ id }) => id);
