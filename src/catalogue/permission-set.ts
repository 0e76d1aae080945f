/**
 * A set of permissions, as bits in table order.
 *
 * @module
 */

import { type NameSet, nameList } from './name-set.ts';
import { type PermissionId, permissionIds } from './permissions.ts';

/** Permissions that are held or required. */
export type PermissionSet = NameSet<PermissionId>;

const list = nameList(permissionIds);

/** The set of these permissions. */
export const permissionSet: (ids: Iterable<PermissionId>) => PermissionSet = list.of;

/** The permissions in the set, in table order. */
export const permissionNames: (set: PermissionSet) => PermissionId[] = list.names;
