/**
 * Answering what members ask: approving an application, all or part; withdrawing; declining.
 *
 *   GET  /organizations/:slug/applications/requests
 *   POST /organizations/:slug/applications/:client/approve
 *   POST /organizations/:slug/applications/:client/withdraw
 *   POST /organizations/:slug/applications/:client/decline
 *
 * @module
 */

import { intersect, isEmpty, scopeSet } from '../../catalogue/scope-set.ts';
import type { ScopeName } from '../../catalogue/scopes.ts';
import { approveApplication, withdrawApproval } from '../../organizations/application-approvals.ts';
import { declineApproval, longestReason } from '../../organizations/approval-requests.ts';
import { readInside } from '../../organizations/inside.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { listApprovalRequests } from '../../storage/clients/approval-requests.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import type { Db } from '../../storage/engine/database.ts';
import { idsOf, showApplication } from './application-page.ts';
import { pathOfApplication } from './applications-page.ts';
import { approvalStateOf, askableScopes, dayChoices, requestViews } from './approval-view.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { enterAgain, showConsole } from './frame.ts';
import { asSeen, OutdatedError } from './seen-state.ts';

const section = 'applications';
const path = '/applications/:client';

export const requestPages: readonly ConsolePage[] = [
  {
    method: 'GET',
    path: '/applications/requests',
    section,
    act: 'application_approvals.read',
    open: openQueue,
  },
];

export const approvalForms: readonly ConsolePage[] = [
  { method: 'POST', path: `${path}/approve`, section, act: 'application.approved', send: approve },
  {
    method: 'POST',
    path: `${path}/withdraw`,
    section,
    act: 'application.approval_withdrawn',
    send: withdraw,
  },
  {
    method: 'POST',
    path: `${path}/decline`,
    section,
    act: 'application.approval_declined',
    send: decline,
  },
];

const mostListed = 500;

async function openQueue(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here, ctx } = request;
  const { id: organizationId } = here.organization;
  const entrance = inOrganization(actor, 'application_approvals.read', { organizationId });
  const found = await readInside(parts.db, entrance, (tx) =>
    listApprovalRequests(tx, organizationId, { after: undefined, limit: mostListed }),
  );
  const t = parts.messagesOf(ctx);
  const byApplication = Map.groupBy(
    found.map(({ item }) => item),
    ({ clientId }) => clientId,
  );
  showConsole(parts, request, 'console/requests', {
    title: t.text('console-requests.title'),
    section,
    longest: longestReason,
    applications: Array.from(byApplication, ([clientId, requests]) => ({
      name: requests[0]?.applicationName ?? clientId,
      path: pathOfApplication(clientId),
      requests: requestViews(requests),
    })),
  });
}

async function approve(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const read = (tx: Db) => approvalStateOf(tx, at);
  const wanted = scopeSet(form.fields.getAll('scope') as ScopeName[]);
  const days = dayChoices.find((choice) => String(choice) === form.fields.get('days'));
  const work = asSeen(form, read);
  try {
    const scopes = intersect(wanted, await askableScopes(parts.db, at.clientId));
    if (isEmpty(scopes)) return await again(parts, form, 422, { isNothing: true });
    await approveApplication(work, form.actor, at, {
      scopes,
      production: form.fields.get('production') === 'yes',
      maxGrantSeconds: days && days * 86_400,
    });
    await done(parts, form, 'console-app.is-approved');
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    await again(parts, form, 409, { isOutdated: true });
  }
}

async function again(
  parts: ConsoleParts,
  form: ConsoleForm,
  status: number,
  how: Parameters<typeof showApplication>[2],
): Promise<void> {
  form.ctx.status = status;
  await showApplication(parts, await enterAgain(parts, form), how);
}

async function withdraw(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  await withdrawApproval(form.sender.work, form.actor, idsOf(form));
  await done(parts, form, 'console-app.is-withdrawn');
}

async function decline(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const reason = form.fields.get('reason') ?? '';
  try {
    await declineApproval(form.sender.work, form.actor, idsOf(form), reason);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.code !== 'invalid') throw error;
    return again(parts, form, 422, { badReason: reason });
  }
  await done(parts, form, 'console-app.is-declined');
}

/** Leads to the application, which says what was done to it. */
async function done(parts: ConsoleParts, form: ConsoleForm, text: string): Promise<void> {
  const { clientId } = idsOf(form);
  const name = (await findApplication(parts.db, clientId, form.actor.accountId))?.name ?? clientId;
  seeDone(parts, form, pathOfApplication(clientId), { text, values: { name } });
}
