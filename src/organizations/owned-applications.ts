/**
 * Who looks after the applications that an organization owns: whoever its role lets, and the managers of
 * single applications, who have to be members at that moment.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { permissionSet } from '../catalogue/permission-set.ts';
import { organizationNeeds } from '../catalogue/rules.ts';
import { organizationPermissions } from '../members/permissions.ts';
import { defaultBaseRole } from '../members/roles.ts';
import {
  isManager,
  type ManagedOrganization,
  managedOrganizations,
  managesAny,
} from '../storage/clients/client-managers.ts';
import type { Db } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { RefusedError } from './refusals.ts';
import {
  type Entrance,
  type InOrganization,
  inOrganization,
  leadingTo,
  type OrganizationIds,
} from './rights.ts';

/** One application of an organization's own; and what an act names beside it, for the audit trail. */
export interface OwnedApplicationIds extends OrganizationIds {
  readonly ownedClientId: string;
  readonly ownedSecretId?: string | undefined;
  /** A manager's, or one who becomes it. */
  readonly accountId?: string | undefined;
}

/** `isWhole`: by their role; else as a manager. */
export type InOwned = InOrganization & { readonly isWhole: boolean };

/** What a manager does with the application that they were named for. */
const managersActs: ReadonlySet<OrganizationAct> = new Set<OrganizationAct>([
  'owned_applications.read',
  'application.updated',
  'application.manager_removed',
  'client_secret.added',
  'client_secret.deleted',
]);

/**
 * Into one application, which need not be there: whoever has no right on it does not learn whether it is.
 */
export function inOwnedApplication(
  actor: Actor,
  act: OrganizationAct,
  at: OwnedApplicationIds,
): Entrance<InOwned> {
  return orAsManager(inOrganization(actor, act, at), act, (tx, accountId) =>
    isManager(tx, { ...at, clientId: at.ownedClientId, accountId }),
  );
}

/** Into the organization, for what none of its applications is concerned by yet. */
export function inOwnership(
  actor: Actor,
  act: OrganizationAct,
  at: OrganizationIds,
): Entrance<InOwned> {
  return leadingTo(inOrganization(actor, act, at), async () => ({ isWhole: true }));
}

/** Into the list: of a manager, those that they were named for. */
export function inOwnedApplications(actor: Actor, at: OrganizationIds): Entrance<InOwned> {
  const act = 'owned_applications.read';
  return orAsManager(inOrganization(actor, act, at), act, (tx, accountId) =>
    managesAny(tx, { ...at, accountId }),
  );
}

function orAsManager(
  byRole: Entrance<InOrganization>,
  act: OrganizationAct,
  isNamed: (tx: Db, accountId: string) => Promise<boolean>,
): Entrance<InOwned> {
  const { actor, at } = byRole;
  const asMember = inOrganization(actor, 'organization.read', at);
  const enter: Entrance<InOwned>['enter'] = async (tx, how) => {
    try {
      return { ...(await byRole.enter(tx, how)), isWhole: true };
    } catch (error) {
      const { accountId } = actor;
      if (accountId === undefined || !managersActs.has(act) || !isForRole(error)) throw error;
      const here = await asMember.enter(tx, how);
      if (!(await isNamed(tx, accountId))) throw error;
      return { ...here, isWhole: false };
    }
  };
  return { ...byRole, enter };
}

function isForRole(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return false;
  const { refusal } = error;
  return refusal.code === 'forbidden' && refusal.reason === 'role';
}

/** @returns the organizations whose applications the account may look after, some or all, by name. */
export async function organizationsToManage(
  db: Db,
  accountId: string,
): Promise<ManagedOrganization[]> {
  const needed = permissionSet([organizationNeeds['owned_applications.read']]);
  const organizations = await managedOrganizations(db, accountId);
  return organizations.filter(({ role, isManager }) => {
    // The base role gives nothing on the organization itself.
    const held = organizationPermissions({ organizationRole: role, baseRole: defaultBaseRole });
    return isManager || isSubset(needed, held);
  });
}
