/**
 * An organization shuts an application out, be it its own: all that its members allowed it there ends
 * at once, with the approval and the requests for one, and nothing can be allowed until it is let in
 * again. That gives nothing back: people allow anew what they want to allow.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { removeRequests } from '../storage/clients/approval-requests.ts';
import {
  type ApprovalIds,
  deleteApproval,
  findApproval,
  isApplication,
} from '../storage/clients/approvals.ts';
import {
  deleteShutOut,
  type Ended,
  endEntries,
  findShutOut,
  holdAgainstConsents,
  putShutOut,
  type ShutOut,
} from '../storage/clients/shut-outs.ts';
import type { Work } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import { changeInside } from './inside.ts';
import { found, notFound } from './refusals.ts';
import { inOrganization } from './rights.ts';

/** So many people are named in the audit log; the rest are counted. */
const mostNamed = 500;

/**
 * Shuts an application out. Done again, it ends what slipped in and changes nothing else.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also for an application.
 */
export function shutOutApplication(work: Work, actor: Actor, at: ApprovalIds): Promise<ShutOut> {
  const entrance = inOrganization(actor, 'application.shut_out', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    if (!(await isApplication(tx, at.clientId))) throw notFound();
    await holdAgainstConsents(tx, at.clientId);
    const isOut = (await findShutOut(tx, at)) !== undefined;
    const approval = await findApproval(tx, at);
    const ended = await endEntries(tx, at);
    await deleteApproval(tx, at);
    await removeRequests(tx, at);
    await putShutOut(tx, at, actor.accountId, ended);
    const result = found(await findShutOut(tx, at));
    const before = { shut_out: isOut, approved: approval !== undefined, ...shown(ended) };
    return { result, before, after: { shut_out: true, approved: false, ...shown(none) } };
  });
}

/**
 * Lets an application in again, as far as the policy lets it. Nothing that was allowed comes back.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also where it is not shut out.
 */
export function liftShutOut(work: Work, actor: Actor, at: ApprovalIds): Promise<void> {
  const entrance = inOrganization(actor, 'application.shut_out_lifted', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    await holdAgainstConsents(tx, at.clientId);
    if ((await findShutOut(tx, at)) === undefined) throw notFound();
    await endEntries(tx, at); // there are none; whatever made some, they do not come to life
    await deleteShutOut(tx, at);
    return { result: undefined, before: { shut_out: true } };
  });
}

const none: Ended = { members: [], entries: 0 };

function shown({ members, entries }: Ended) {
  const named = members.slice(0, mostNamed).map((id) => printId('user', id));
  return { member_count: members.length, entry_count: entries, members: named };
}
