/**
 * A member asks the administrators of an organization to approve an application, and says why. An
 * approval answers all that was asked about it; what was declined cannot be asked again for a day.
 *
 * @module
 */

import { namePattern } from '../clients/name-rule.ts';
import { printId } from '../lib/ids.ts';
import {
  type ApprovalRequest,
  declineRequests,
  findApprovalRequest,
  putApprovalRequest,
  secondsUntilNextRequest,
} from '../storage/clients/approval-requests.ts';
import { type ApprovalIds, isApplication } from '../storage/clients/approvals.ts';
import { findShutOut } from '../storage/clients/shut-outs.ts';
import type { Work } from '../storage/engine/database.ts';
import type { Actor, Person } from './actor.ts';
import { mailAdministrators, mailAskers } from './approval-mails.ts';
import { changeInside } from './inside.ts';
import { conflict, found, invalid, notFound, throttled } from './refusals.ts';
import { inOrganization } from './rights.ts';

/** So many applications may a member ask about in 24 hours. */
export const mostRequestsADay = 20;

/** So many characters has a reason. */
export const longestReason = 500;

/**
 * Asks for an approval, or says something else about what is asked.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also for an application; `invalid`;
 *   `conflict` shut_out; `throttled`: declined less than a day ago, or about too many applications.
 */
export function requestApproval(
  work: Work,
  actor: Person,
  { organizationId, clientId }: ApprovalIds,
  reason: string,
): Promise<ApprovalRequest> {
  const text = reason.trim();
  const at = { organizationId, clientId };
  const entrance = inOrganization(actor, 'application.approval_requested', at);
  return changeInside(work, entrance, clientId, async (tx) => {
    checkReason(text);
    if (!(await isApplication(tx, clientId))) throw notFound();
    if ((await findShutOut(tx, at)) !== undefined) throw conflict('shut_out');
    const ids = { ...at, accountId: actor.accountId };
    const seconds = await secondsUntilNextRequest(tx, ids, mostRequestsADay);
    if (seconds !== undefined) throw throttled(seconds);
    const before = await findApprovalRequest(tx, ids);
    await putApprovalRequest(tx, ids, text);
    if (before === undefined) await mailAdministrators(tx, ids);
    const result = found(await findApprovalRequest(tx, ids));
    return { result, before: before && shown(before), after: shown(result) };
  });
}

/**
 * Declines what members ask about an application.
 *
 * @param reason for those who asked; '' is none.
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also when nothing is asked; `invalid`.
 */
export function declineApproval(
  work: Work,
  actor: Actor,
  at: ApprovalIds,
  reason = '',
): Promise<void> {
  const text = reason.trim();
  const entrance = inOrganization(actor, 'application.approval_declined', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    if (text !== '') checkReason(text);
    await mailAskers(tx, at, 'approval-declined');
    const members = await declineRequests(tx, at, text || undefined);
    if (members.length === 0) throw notFound();
    const before = { members: members.map((id) => printId('user', id)) };
    return { result: undefined, before, ...(text && { after: { reason: text } }) };
  });
}

function checkReason(text: string): void {
  if (text.length <= longestReason && new RegExp(namePattern).test(text)) return;
  const message = `must be text of 1 to ${longestReason} characters`;
  throw invalid({ field: 'reason', message });
}

function shown({ reason }: ApprovalRequest) {
  return { reason };
}
