/**
 * The applications of others that an organization lets in. A token reaches none of it.
 *
 * @module
 */

import { scopeSet } from '../../catalogue/scope-set.ts';
import type { ScopeName } from '../../catalogue/scopes.ts';
import type { Actor } from '../../organizations/actor.ts';
import { approveApplication, withdrawApproval } from '../../organizations/application-approvals.ts';
import { declineApproval, requestApproval } from '../../organizations/approval-requests.ts';
import { readInside } from '../../organizations/inside.ts';
import { found } from '../../organizations/refusals.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  findApprovalRequest,
  listApprovalRequests,
} from '../../storage/clients/approval-requests.ts';
import { type ApprovalIds, findApproval, listApprovals } from '../../storage/clients/approvals.ts';
import type { Db } from '../../storage/engine/database.ts';
import * as schemas from './access-schemas.ts';
import { personOf } from './person.ts';
import { printApproval, printApprovalRequest } from './print-access.ts';
import { listRoute, route } from './route.ts';

const approvals = '/organizations/{organization}/approvals';
const approval = `${approvals}/{application}` as const;
const requests = '/organizations/{organization}/approval-requests';

async function current(db: Db, at: ApprovalIds) {
  const approval = await findApproval(db, at);
  return approval && printApproval(approval);
}

async function currentRequest(db: Db, at: ApprovalIds, { accountId }: Actor) {
  if (accountId === undefined) return undefined;
  const request = await findApprovalRequest(db, { ...at, accountId });
  return request && printApprovalRequest(request);
}

export const applicationRoutes = [
  listRoute({
    id: 'listApprovals',
    address: `GET ${approvals}`,
    summary: 'The applications that are approved, by client id',
    act: 'application_approvals.read',
    item: schemas.approval,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, 'application_approvals.read', at), (tx) =>
        listApprovals(tx, at.organizationId, part),
      ),
    print: printApproval,
  }),
  route({
    id: 'readApproval',
    address: `GET ${approval}`,
    summary: 'Read an approval',
    act: 'application_approvals.read',
    answer: schemas.approval,
    run: ({ db, actor, at }) =>
      readInside(db, inOrganization(actor, 'application_approvals.read', at), async (tx) =>
        found(await findApproval(tx, at)),
      ),
    print: printApproval,
  }),
  route({
    id: 'approveApplication',
    address: `PUT ${approval}`,
    summary: 'Approve an application, all or part; or change the ceilings',
    act: 'application.approved',
    conflicts: ['shut_out'],
    body: schemas.ceilings,
    answer: schemas.approval,
    run: ({ work, actor, at, body }) =>
      approveApplication(work, actor, at, {
        scopes: body.scopes === null ? undefined : scopeSet(body.scopes as ScopeName[]),
        production: body.production,
        maxGrantSeconds: body.max_grant_seconds ?? undefined,
      }),
    print: printApproval,
    current,
  }),
  route({
    id: 'withdrawApproval',
    address: `DELETE ${approval}`,
    summary: 'Withdraw an approval, at once for all tokens',
    act: 'application.approval_withdrawn',
    status: 204,
    run: ({ work, actor, at }) => withdrawApproval(work, actor, at),
    current,
  }),
  listRoute({
    id: 'listApprovalRequests',
    address: `GET ${requests}`,
    summary: 'What members ask to have approved, by client id',
    description: 'An approval answers the requests for its application, which end with it.',
    act: 'application_approvals.read',
    item: schemas.approvalRequest,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, 'application_approvals.read', at), (tx) =>
        listApprovalRequests(tx, at.organizationId, part),
      ),
    print: printApprovalRequest,
  }),
  route({
    id: 'requestApproval',
    address: `PUT ${requests}/{application}`,
    summary: 'Ask the administrators to approve an application, and say why',
    description: 'Not for a day after it was declined, nor about more than 20 applications a day.',
    act: 'application.approval_requested',
    isLimited: true,
    conflicts: ['shut_out'],
    body: schemas.approvalWish,
    answer: schemas.approvalRequest,
    run: ({ work, actor, at, body }) => requestApproval(work, personOf(actor), at, body.reason),
    print: printApprovalRequest,
    current: currentRequest,
  }),
  route({
    id: 'declineApproval',
    address: `DELETE ${requests}/{application}`,
    summary: 'Decline what members ask about an application',
    description: 'Whoever asked is told by mail, and on the consent page why.',
    query: schemas.declining,
    act: 'application.approval_declined',
    status: 204,
    run: ({ work, actor, at, query }) => declineApproval(work, actor, at, query.reason),
  }),
];
