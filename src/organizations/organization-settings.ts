/**
 * The settings of an organization, and its end.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import type { BaseRole } from '../members/roles.ts';
import type { Work } from '../storage/engine/database.ts';
import {
  deleteOrganization as deleteStored,
  type Organization,
  updateOrganization,
} from '../storage/tree/organizations.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInside } from './inside.ts';
import { checkUnmanaged } from './managed.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';
import { inOrganization } from './rights.ts';

/**
 * Changes name and slug. Everything stays bound to the id; the old slug is free at once.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export async function renameOrganization(
  work: Work,
  actor: Actor,
  organizationId: string,
  wish: NameAndSlug,
): Promise<Organization> {
  const named = checkNameAndSlug('organization', wish);
  return change(work, actor, organizationId, 'organization.renamed', named);
}

/**
 * Sets the role that every member has on every database, at once for all of them.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setBaseRole(
  work: Work,
  actor: Actor,
  organizationId: string,
  baseRole: BaseRole,
): Promise<Organization> {
  return change(work, actor, organizationId, 'organization.base_role_changed', { baseRole });
}

/** What an organization sets for applications of others; what is left out stays as it is. */
export type PolicyWish = Partial<Pick<Organization, 'applicationPolicy' | 'guardsProduction'>>;

/**
 * Sets which applications of others need an approval, and for what: in force for the next question
 * about any token.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setApplicationPolicy(
  work: Work,
  actor: Actor,
  organizationId: string,
  wish: PolicyWish,
): Promise<Organization> {
  return change(work, actor, organizationId, 'organization.application_policy_changed', wish);
}

/**
 * Sets the longest age of what applications were allowed in the organization, at once for all
 * entries: what is older gives nothing until it is consented to again.
 *
 * @param maxEntryDays undefined sets none.
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setMaxEntryDays(
  work: Work,
  actor: Actor,
  organizationId: string,
  maxEntryDays: number | undefined,
): Promise<Organization> {
  const act = 'organization.max_entry_days_changed';
  return change(work, actor, organizationId, act, { maxEntryDays });
}

/**
 * Sets after how many days without a use what applications were allowed in the organization ends, a week
 * after its person got a mail.
 *
 * @param maxIdleDays 14 or more; undefined: it does not end by itself.
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function setMaxIdleDays(
  work: Work,
  actor: Actor,
  organizationId: string,
  maxIdleDays: number | undefined,
): Promise<Organization> {
  const act = 'organization.max_idle_days_changed';
  return change(work, actor, organizationId, act, { maxIdleDays });
}

/**
 * Deletes an organization with all that is inside it. Its slug is free at once.
 *
 * @throws {RefusedError} `conflict` managed_by_platform; `forbidden`; `not_found`.
 */
export function deleteOrganization(
  work: Work,
  actor: Actor,
  organizationId: string,
): Promise<void> {
  const entrance = inOrganization(actor, 'organization.deleted', { organizationId });
  return changeInside(work, entrance, subjectOf(organizationId), async (tx, { organization }) => {
    await checkUnmanaged(tx, actor, 'organization', organizationId);
    await deleteStored(tx, organizationId);
    return { result: undefined, before: settingsOf(organization) };
  });
}

function change(
  work: Work,
  actor: Actor,
  organizationId: string,
  act: OrganizationAct,
  changed: Partial<Omit<Organization, 'id'>>,
): Promise<Organization> {
  const entrance = inOrganization(actor, act, { organizationId });
  return changeInside(work, entrance, subjectOf(organizationId), async (tx, { organization }) => {
    // Its other settings are no part of what a platform says of an organization.
    if (act === 'organization.renamed') {
      await checkUnmanaged(tx, actor, 'organization', organizationId);
    }
    const result = { ...organization, ...changed };
    await updateOrganization(tx, result);
    return { result, before: settingsOf(organization), after: settingsOf(result) };
  });
}

function subjectOf(organizationId: string): string {
  return printId('organization', organizationId);
}

function settingsOf({
  name,
  slug,
  baseRole,
  applicationPolicy,
  guardsProduction,
  maxEntryDays,
  maxIdleDays,
}: Organization) {
  return {
    name,
    slug,
    base_role: baseRole,
    application_policy: applicationPolicy,
    production_needs_approval: guardsProduction,
    max_entry_days: maxEntryDays ?? null,
    max_idle_days: maxIdleDays ?? null,
  };
}
