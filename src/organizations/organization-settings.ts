/**
 * The settings of an organization, and its end.
 *
 * @module
 */

import type { ApplicationPolicy } from '../decisions/policy.ts';
import { printId } from '../lib/ids.ts';
import type { BaseRole } from '../members/roles.ts';
import type { Database } from '../storage/engine/database.ts';
import {
  deleteOrganization as deleteStored,
  type Organization,
  updateOrganization,
} from '../storage/tree/organizations.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInsideOrganization } from './change-inside.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';

/**
 * Changes name and slug. Everything stays bound to the id; the old slug is free at once.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function renameOrganization(
  db: Database,
  actor: Actor,
  organizationId: string,
  wish: NameAndSlug,
): Promise<Organization> {
  const named = checkNameAndSlug('organization', wish);
  return change(db, actor, organizationId, 'organization.renamed', named);
}

/**
 * Sets the role that every member has on every database, at once for all of them.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setBaseRole(
  db: Database,
  actor: Actor,
  organizationId: string,
  baseRole: BaseRole,
): Promise<Organization> {
  return change(db, actor, organizationId, 'organization.base_role_changed', { baseRole });
}

/**
 * Sets whether applications of others need an approval.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setApplicationPolicy(
  db: Database,
  actor: Actor,
  organizationId: string,
  applicationPolicy: ApplicationPolicy,
): Promise<Organization> {
  const act = 'organization.application_policy_changed';
  return change(db, actor, organizationId, act, { applicationPolicy });
}

/**
 * Deletes an organization with all that is inside it. Its slug is free at once.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteOrganization(
  db: Database,
  actor: Actor,
  organizationId: string,
): Promise<void> {
  const wish = wishFor('organization.deleted', organizationId);
  return changeInsideOrganization(db, actor, wish, async (tx, { organization }) => {
    await deleteStored(tx, organizationId);
    return { result: undefined, before: settingsOf(organization) };
  });
}

function change(
  db: Database,
  actor: Actor,
  organizationId: string,
  act: OrganizationAct,
  changed: Partial<Omit<Organization, 'id'>>,
): Promise<Organization> {
  return changeInsideOrganization(
    db,
    actor,
    wishFor(act, organizationId),
    async (tx, { organization }) => {
      const result = { ...organization, ...changed };
      await updateOrganization(tx, result);
      return { result, before: settingsOf(organization), after: settingsOf(result) };
    },
  );
}

function wishFor(act: OrganizationAct, organizationId: string) {
  return { act, at: { organizationId }, subject: printId('organization', organizationId) };
}

function settingsOf({ name, slug, baseRole, applicationPolicy }: Organization) {
  return { name, slug, base_role: baseRole, application_policy: applicationPolicy };
}
