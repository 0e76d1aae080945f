/**
 * Whether an actor may do an act somewhere, decided by what the database says at that moment.
 *
 *     the resource, for those who may know it (else not_found) -> the way in -> the permission
 *
 * The permission on the organization is checked before any look at what is inside it: whoever lacks
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
import type { PathIds } from '../storage/audit/audit-log.ts';
import { isServiceClient } from '../storage/clients/service-clients.ts';
import type { Db } from '../storage/engine/database.ts';
import { findActiveMember } from '../storage/people/members.ts';
import { type Branch, type BranchIds, findBranch } from '../storage/tree/branches.ts';
import {
  type DatabaseIds,
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
  /** The actor's own; the platform's service clients count as administrators. */
  readonly membership: Membership;
  readonly asAdministrator: boolean;
}

/** The id of one organization. The types named so hold the ids that lead to one thing, from its organization on. */
export interface OrganizationIds {
  readonly organizationId: string;
}

export interface InDatabase extends InOrganization {
  readonly database: StoredDatabase;
  /** The actor's permissions on it. */
  readonly held: PermissionSet;
}

export interface InBranch extends InDatabase {
  readonly branch: Branch;
}

/** Where somebody goes in, and for which act. */
export interface Entrance<Here> {
  readonly actor: Actor;
  readonly act: OrganizationAct | DatabaseAct | BranchAct;
  readonly at: PathIds;
  /**
   * @param hold takes the organization's lock, as a change must.
   * @returns what was found on the way.
   * @throws {RefusedError} the actor may not do the act there.
   */
  enter(tx: Db, how: { readonly hold: boolean }): Promise<Here>;
}

/** Into an organization. */
export function inOrganization(
  actor: Actor,
  act: OrganizationAct,
  at: OrganizationIds,
): Entrance<InOrganization> {
  const enter = async (tx: Db, { hold }: { readonly hold: boolean }) => {
    const { organization, membership } = await arrive(tx, { actor, hold }, at);
    const rule = organizationActs[act];
    checkWay(actor, rule.ways);
    check(organizationPermissions(membership), rule.needs);
    return { organization, membership, asAdministrator: isAdministrator(membership) };
  };
  return { actor, act, at, enter };
}

/** Whether a member may do an act in their own browser, by their role alone; asked before it is offered. */
export function mayDo(membership: Membership, act: OrganizationAct): boolean {
  const { needs, ways } = organizationActs[act];
  return ways.includes('session') && holds(organizationPermissions(membership), needs);
}

/** Whether permissions on a database give an act there, in the person's own browser. */
export function mayDoOnDatabase(held: PermissionSet, act: DatabaseAct): boolean {
  const { needs, ways } = databaseActs[act];
  return ways.includes('session') && holds(held, needs);
}

/** Whether permissions on a database give an act on a branch of that kind, in the person's own browser. */
export function mayDoOnBranch(held: PermissionSet, act: BranchAct, production: boolean): boolean {
  const { needs, ways } = branchActs[act];
  return ways.includes('session') && holds(held, needs[production ? 'production' : 'development']);
}

/** Into one database. */
export function inDatabase(actor: Actor, act: DatabaseAct, at: DatabaseIds): Entrance<InDatabase> {
  const enter = async (tx: Db, { hold }: { readonly hold: boolean }) => {
    const here = await arriveAtDatabase(tx, { actor, hold }, at);
    const rule = databaseActs[act];
    checkWay(actor, rule.ways);
    check(here.held, rule.needs);
    return here;
  };
  return { actor, act, at, enter };
}

/** Into one branch, being of its kind now. */
export function inBranch(actor: Actor, act: BranchAct, at: BranchIds): Entrance<InBranch> {
  const enter = async (tx: Db, { hold }: { readonly hold: boolean }) => {
    const here = await arriveAtDatabase(tx, { actor, hold }, at);
    const { held } = here;
    const branch = await findBranch(tx, at);
    if (branch === undefined || !holds(held, viewPermissions.branch)) throw notFound();
    const rule = branchActs[act];
    checkWay(actor, rule.ways);
    check(held, rule.needs[branch.production ? 'production' : 'development']);
    return { ...here, branch };
  };
  return { actor, act, at, enter };
}

/** An entrance that leads on to something inside, which `find` throws about where it is not there. */
export function leadingTo<Here, More>(
  entrance: Entrance<Here>,
  find: (tx: Db) => Promise<More>,
): Entrance<Here & More> {
  const enter: Entrance<Here & More>['enter'] = async (tx, how) => ({
    ...(await entrance.enter(tx, how)),
    ...(await find(tx)),
  });
  return { ...entrance, enter };
}

interface Attempt {
  readonly actor: Actor;
  readonly hold: boolean;
}

async function arrive(tx: Db, { actor, hold }: Attempt, { organizationId }: OrganizationIds) {
  const organization = await (hold
    ? lockFor(tx, actor, organizationId)
    : findOrganization(tx, organizationId));
  const membership = organization && (await membershipOf(tx, actor, organization));
  if (organization === undefined || membership === undefined) throw notFound();
  // The platform's own services go on, so that its organizations are as they should be afterwards.
  const isPerson = actor.accountId !== undefined;
  if (isPerson && organization.suspendedFor !== undefined)
    throw forbidden('organization_suspended');
  return { organization, membership };
}

async function arriveAtDatabase(tx: Db, attempt: Attempt, ids: DatabaseIds) {
  const { organization, membership } = await arrive(tx, attempt, ids);
  const database = await findDatabase(tx, ids);
  const { accountId } = attempt.actor;
  const roles =
    accountId === undefined
      ? { direct: undefined, team: false }
      : await databaseRolesOf(tx, { ...ids, accountId });
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

/** @returns the actor's membership in the organization; a service client acts for the platform. */
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
