/**
 * What a member may do on a database, and why: each permission with everything that gives it.
 *
 * Roles add up and none takes away, so a permission ends with the last of its sources.
 *
 * @module
 */

import { type DatabasePermissionId, databasePermissionIds } from '../catalogue/permissions.ts';
import { baseRolePermissions, databaseRolePermissions } from '../members/permissions.ts';
import type { BaseRole, DatabaseRole } from '../members/roles.ts';
import {
  type AccessSources,
  findAccessSources,
  type SourceTeam,
} from '../storage/access-sources.ts';
import type { Database } from '../storage/database.ts';
import type { DatabasePerson } from '../storage/database-roles.ts';
import type { Actor } from './actor.ts';
import { notFound } from './refusals.ts';
import { enterDatabase } from './rights.ts';

/** Something that gives permissions on a database. */
type AccessSource =
  | { readonly kind: 'organization_role'; readonly role: 'organization_admin' }
  | { readonly kind: 'direct_role'; readonly role: DatabaseRole }
  | { readonly kind: 'team'; readonly role: 'database_admin'; readonly team: SourceTeam }
  | { readonly kind: 'base_role'; readonly role: BaseRole };

/** A permission that is held, with its sources: at least one. */
export interface HeldPermission {
  readonly permission: DatabasePermissionId;
  readonly sources: readonly AccessSource[];
}

/**
 * @returns what the member holds on the database now, in table order; nothing while suspended.
 * @throws {RefusedError} `forbidden`: only oneself, and others for who may see the database's
 *   members; `not_found`.
 */
export function effectiveAccess(
  db: Database,
  actor: Actor,
  at: DatabasePerson,
): Promise<HeldPermission[]> {
  const act = actor.accountId === at.accountId ? 'own_access.read' : 'access.read';
  return db.readTransaction(async (tx) => {
    await enterDatabase(tx, { actor, act, hold: false }, at);
    const sources = await findAccessSources(tx, at);
    if (sources === undefined) throw notFound();
    return heldPermissions(sources);
  });
}

function heldPermissions(facts: AccessSources): HeldPermission[] {
  const given = facts.active ? givenBy(facts) : [];
  return databasePermissionIds
    .map((permission) => ({
      permission,
      sources: given.filter((gift) => gift.permissions.includes(permission)).map(sourceOf),
    }))
    .filter(({ sources }) => sources.length > 0);
}

interface Gift {
  readonly source: AccessSource;
  readonly permissions: readonly DatabasePermissionId[];
}

function sourceOf({ source }: Gift): AccessSource {
  return source;
}

function givenBy({ membership, direct, teams }: AccessSources): Gift[] {
  const { organizationRole: role, baseRole } = membership;
  const gifts: Gift[] = [];
  if (role === 'organization_admin') {
    const source = { kind: 'organization_role', role } as const;
    gifts.push({ source, permissions: databasePermissionIds });
  }
  if (direct !== undefined) {
    const source = { kind: 'direct_role', role: direct } as const;
    gifts.push({ source, permissions: databaseRolePermissions[direct] });
  }
  for (const team of teams) {
    const source = { kind: 'team', role: 'database_admin', team } as const;
    gifts.push({ source, permissions: databaseRolePermissions.database_admin });
  }
  const source = { kind: 'base_role', role: baseRole } as const;
  return [...gifts, { source, permissions: baseRolePermissions[baseRole] }];
}
