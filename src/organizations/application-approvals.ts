/**
 * Which applications of others an organization lets in, and how far. A user consents; an
 * organization approves.
 *
 * A withdrawn approval, or a lowered ceiling, is in force for the next question about any token.
 *
 * @module
 */

import { allScopes, formatScope } from '../catalogue/scope-set.ts';
import type { Approval } from '../decisions/policy.ts';
import { removeRequests } from '../storage/clients/approval-requests.ts';
import {
  type ApprovalIds,
  deleteApproval,
  findApproval,
  isApplication,
  putApproval,
  registeredScopes,
  type StoredApproval,
} from '../storage/clients/approvals.ts';
import { findShutOut } from '../storage/clients/shut-outs.ts';
import type { Work } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import { mailAskers } from './approval-mails.ts';
import { changeInside } from './inside.ts';
import { conflict, notFound } from './refusals.ts';
import { inOrganization } from './rights.ts';

/**
 * Approves an application, or changes the ceilings of what was approved: whoever asked is answered.
 * Without a ceiling of scopes it is approved for what it is registered for now: what it registers
 * later waits for another approval.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also for an application;
 *   `conflict` shut_out.
 */
export function approveApplication(
  work: Work,
  actor: Actor,
  at: ApprovalIds,
  ceilings: Approval,
): Promise<StoredApproval> {
  const entrance = inOrganization(actor, 'application.approved', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    if (!(await isApplication(tx, at.clientId))) throw notFound();
    if ((await findShutOut(tx, at)) !== undefined) throw conflict('shut_out');
    const before = await findApproval(tx, at);
    const { scopes = (await registeredScopes(tx, at.clientId)) ?? allScopes } = ceilings;
    await putApproval(tx, at, { ...ceilings, scopes }, actor.accountId);
    await mailAskers(tx, at, 'approval-given');
    await removeRequests(tx, at);
    const result = await findApproval(tx, at);
    if (result === undefined) throw notFound();
    return { result, before: before && shown(before), after: shown(result) };
  });
}

/**
 * Withdraws an approval.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also when there is no approval.
 */
export function withdrawApproval(work: Work, actor: Actor, at: ApprovalIds): Promise<void> {
  const entrance = inOrganization(actor, 'application.approval_withdrawn', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    const before = await findApproval(tx, at);
    if (before === undefined) throw notFound();
    await deleteApproval(tx, at);
    return { result: undefined, before: shown(before) };
  });
}

function shown({ scopes, production, maxGrantSeconds }: Approval) {
  const scope = scopes === undefined ? null : formatScope(scopes);
  return { scope, production, max_grant_seconds: maxGrantSeconds ?? null };
}
