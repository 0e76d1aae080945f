/**
 * Whether an actor may do an act somewhere, decided by what the database says at that moment.
 *
 *     the place, for those who may know it (else not_found) -> the way in -> the permission
 *
 * The permission on the organization stands before any look at what is inside it: whoever lacks
 * it learns nothing about which ids exist.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import type { PermissionId } from '../catalogue/permissions.ts';
import { viewPermissions } from '../catalogue/rules.ts';
import {
  databasePermissions,
  type Membership,
  organizationPermissions,
} from '../members/permissions.ts';
import { administratorRole, isAdministratorRole } from '../members/roles.ts';
import { isServiceClient } from '../storage/clients/service-clients.ts';
import type { Db } from '../storage/engine/database.ts';
import { findActiveMember } from '../storage/people/members.ts';
import { type Branch, type BranchPlace, findBranch } from '../storage/tree/branches.ts';
import {
  type DatabasePlace,
  databaseRolesOf,
  findDatabase,
  type StoredDatabase,
} from '../storage/tree/databases.ts';
import {
  findOrganization,
  lockOrganization,
  lockOrganizationAsMember,
  type Organization,
} from '../storage/tree/organizations.ts';
import type { Actor, Way } from './actor.ts';
import {
  type BranchAct,
  branchActs,
  type DatabaseAct,
  databaseActs,
  type OrganizationAct,
  organizationActs,
} from './acts.ts';
import { forbidden, notFound } from './refusals.ts';

/** An organization, and whether the actor has all of an Organization Administrator's rights there. */
export interface InOrganization {
  readonly organization: Organization;
  /** The actor's own; the platform's service clients stand in as administrators. */
  readonly membership: Membership;
  readonly asAdministrator: boolean;
}

export interface InDatabase extends InOrganization {
  readonly database: StoredDatabase;
  /** The actor's permissions on it. */
  readonly held: PermissionSet;
}

export interface InBranch extends InDatabase {
  readonly branch: Branch;
}

/** An actor and what they are about to do; `hold` takes the organization's lock, as a change must. */
export interface Attempt<Act> {
  readonly actor: Actor;
  readonly act: Act;
  readonly hold: boolean;
}

/** @throws {RefusedError} the actor may not do the act in this organization. */
export async function enterOrganization(
  tx: Db,
  attempt: Attempt<OrganizationAct>,
  organizationId: string,
): Promise<InOrganization> {
  const { organization, membership } = await arrive(tx, attempt, organizationId);
  const rule = organizationActs[attempt.act];
  checkWay(attempt.actor, rule.ways);
  check(organizationPermissions(membership), rule.needs);
  return { organization, membership, asAdministrator: isAdministrator(membership) };
}

/** @throws {RefusedError} the actor may not do the act on this database. */
export async function enterDatabase(
  tx: Db,
  attempt: Attempt<DatabaseAct>,
  place: DatabasePlace,
): Promise<InDatabase> {
  const here = await arriveAtDatabase(tx, attempt, place);
  const rule = databaseActs[attempt.act];
  checkWay(attempt.actor, rule.ways);
  check(here.held, rule.needs);
  return here;
}

/** @throws {RefusedError} the actor may not do the act on this branch, being of its kind now. */
export async function enterBranch(
  tx: Db,
  attempt: Attempt<BranchAct>,
  place: BranchPlace,
): Promise<InBranch> {
  const here = await arriveAtDatabase(tx, attempt, place);
  const { held } = here;
  const branch = await findBranch(tx, place);
  if (branch === undefined || !holds(held, viewPermissions.branch)) throw notFound();
  const rule = branchActs[attempt.act];
  checkWay(attempt.actor, rule.ways);
  check(held, rule.needs[branch.production ? 'production' : 'development']);
  return { ...here, branch };
}

async function arrive(tx: Db, { actor, hold }: Attempt<unknown>, organizationId: string) {
  const organization = await (hold
    ? lockFor(tx, actor, organizationId)
    : findOrganization(tx, organizationId));
  const membership = organization && (await membershipOf(tx, actor, organization));
  if (organization === undefined || membership === undefined) throw notFound();
  return { organization, membership };
}

async function arriveAtDatabase(tx: Db, attempt: Attempt<unknown>, place: DatabasePlace) {
  const { organization, membership } = await arrive(tx, attempt, place.organizationId);
  const database = await findDatabase(tx, place);
  const { accountId } = attempt.actor;
  const roles =
    accountId === undefined
      ? { direct: undefined, team: false }
      : await databaseRolesOf(tx, { ...place, accountId });
  const held = databasePermissions(membership, roles);
  if (database === undefined || !holds(held, viewPermissions.database)) throw notFound();
  const asAdministrator = isAdministrator(membership);
  return { organization, membership, asAdministrator, database, held };
}

/** Takes the organization's lock, which a stranger never holds. */
export function lockFor(tx: Db, { accountId }: Actor, organizationId: string) {
  return accountId === undefined
    ? lockOrganization(tx, organizationId)
    : lockOrganizationAsMember(tx, organizationId, accountId);
}

/** @returns the actor's place in the organization; a service client stands in for the platform. */
async function membershipOf(
  tx: Db,
  { accountId, via }: Actor,
  { id: organizationId, baseRole }: Organization,
): Promise<Membership | undefined> {
  if (via.kind === 'service') {
    const lives = await isServiceClient(tx, via.clientId);
    return lives ? { organizationRole: administratorRole, baseRole } : undefined;
  }
  if (accountId === undefined) return undefined;
  const member = await findActiveMember(tx, { organizationId, accountId });
  return member && { organizationRole: member.role, baseRole };
}

function isAdministrator({ organizationRole }: Membership): boolean {
  return isAdministratorRole(organizationRole);
}

function holds(held: PermissionSet, permission: PermissionId): boolean {
  return isSubset(permissionSet([permission]), held);
}

function check(held: PermissionSet, permission: PermissionId): void {
  if (!holds(held, permission)) throw forbidden('role');
}

function checkWay({ via }: Actor, ways: readonly Way[]): void {
  if (!ways.includes(via.kind)) throw forbidden('not_by_token');
}
