/**
 * What a member may do on a database, and why: each permission with everything that gives it.
 *
 * Roles add up and none takes away, so a permission ends with the last of its sources.
 *
 * @module
 */

import { databasePermissionIds, type PermissionId } from '../catalogue/permissions.ts';
import {
  baseRolePermissions,
  databaseRolePermissions,
  everywherePermissions,
} from '../members/permissions.ts';
import {
  type BaseRole,
  type DatabaseRole,
  databaseAdministratorRole,
  type OrganizationRole,
} from '../members/roles.ts';
import type { Reader } from '../storage/engine/database.ts';
import {
  type AccessSources,
  findAccessSources,
  type SourceTeam,
} from '../storage/tree/access-sources.ts';
import type { DatabasePerson } from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import { readInside } from './inside.ts';
import { found } from './refusals.ts';
import { inDatabase } from './rights.ts';

/** Something that gives permissions. */
export type AccessSource =
  | { readonly kind: 'organization_role'; readonly role: OrganizationRole }
  | { readonly kind: 'direct_role'; readonly role: DatabaseRole }
  | { readonly kind: 'team'; readonly role: DatabaseRole; readonly team: SourceTeam }
  | { readonly kind: 'base_role'; readonly role: BaseRole };

/** A permission that is held, with its sources: at least one. */
export interface HeldPermission {
  readonly permission: PermissionId;
  readonly sources: readonly AccessSource[];
}

/**
 * @returns what the member holds on the database now, in table order; nothing while suspended.
 * @throws {RefusedError} `forbidden`: only oneself, and others for who may see the database's
 *   members; `not_found`.
 */
export function effectiveAccess(
  db: Reader,
  actor: Actor,
  at: DatabasePerson,
): Promise<HeldPermission[]> {
  const act = actor.accountId === at.accountId ? 'own_access.read' : 'access.read';
  return readInside(db, inDatabase(actor, act, at), async (tx) =>
    heldPermissions(found(await findAccessSources(tx, at))),
  );
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
  readonly permissions: readonly PermissionId[];
}

function sourceOf({ source }: Gift): AccessSource {
  return source;
}

/**
 * @param sets of permissions, each of which is enough.
 * @returns what gives the member one of the sets on the database, suspended or not; where nothing does by
 *   itself, all that gives a part.
 */
export function sourcesOnDatabase(
  facts: Omit<AccessSources, 'active'>,
  sets: readonly (readonly PermissionId[])[],
): AccessSource[] {
  const gifts = givenBy(facts);
  const enough = gifts.filter(({ permissions }) =>
    sets.some((set) => set.every((one) => permissions.includes(one))),
  );
  const some = gifts.filter(({ permissions }) =>
    sets.some((set) => set.some((one) => permissions.includes(one))),
  );
  return (enough.length > 0 ? enough : some).map(sourceOf);
}

function givenBy({ membership, direct, teams }: Omit<AccessSources, 'active'>): Gift[] {
  const { organizationRole, baseRole } = membership;
  const gift = (
    source: AccessSource,
    held: ReadonlyMap<string, readonly PermissionId[]>,
  ): Gift => ({
    source,
    permissions: held.get(source.role) ?? [],
  });
  const team = { kind: 'team', role: databaseAdministratorRole } as const;
  return [
    gift({ kind: 'organization_role', role: organizationRole }, everywherePermissions),
    ...(direct === undefined
      ? []
      : [gift({ kind: 'direct_role', role: direct }, databaseRolePermissions)]),
    ...teams.map((of) => gift({ ...team, team: of }, databaseRolePermissions)),
    gift({ kind: 'base_role', role: baseRole }, baseRolePermissions),
  ];
}
