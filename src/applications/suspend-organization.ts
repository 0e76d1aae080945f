/**
 * Operators suspend organizations, and let them go on.
 *
 * While it is suspended nobody is anything in it: tokens give nothing there from the next question on, since
 * every answer reads the row of the organization, and its members can do nothing. They see the
 * reason. Nothing is deleted, and the platform's services go on keeping it in step, so reinstating brings all
 * of it back.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import type { Work } from '../storage/engine/database.ts';
import { lockOrganization, setSuspension } from '../storage/tree/organizations.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type OrganizationStatusOutcome =
  | { readonly outcome: 'changed' | 'unchanged' | 'unknown_organization' }
  | NotAllowed;

/** Suspends an organization. @param reason for the audit trail and for its members. */
export function suspendOrganization(
  work: Work,
  actor: Actor,
  id: string,
  reason: string,
): Promise<OrganizationStatusOutcome> {
  return change(work, actor, { id, reason, isSuspension: true });
}

/** Ends a suspension. @param reason for the audit trail. */
export function reinstateOrganization(
  work: Work,
  actor: Actor,
  id: string,
  reason?: string,
): Promise<OrganizationStatusOutcome> {
  return change(work, actor, { id, reason, isSuspension: false });
}

interface Wish {
  readonly id: string;
  readonly reason: string | undefined;
  readonly isSuspension: boolean;
}

function change(
  work: Work,
  actor: Actor,
  { id, reason, isSuspension }: Wish,
): Promise<OrganizationStatusOutcome> {
  const action = isSuspension ? 'organization.suspended' : 'organization.reinstated';
  const act = { action, subject: printId('organization', id) };
  return asOperator<OrganizationStatusOutcome>(work, actor, act, async (tx, record) => {
    const organization = await lockOrganization(tx, id);
    if (organization === undefined) return { outcome: 'unknown_organization' };
    if ((organization.suspendedFor !== undefined) === isSuspension) return { outcome: 'unchanged' };
    await setSuspension(tx, id, isSuspension ? (reason ?? '') : undefined);
    const [before, after] = isSuspension ? ['active', 'suspended'] : ['suspended', 'active'];
    await record({
      organizationId: id,
      before: { status: before },
      after: { status: after, ...(reason !== undefined && { reason }) },
    });
    return { outcome: 'changed' };
  });
}
