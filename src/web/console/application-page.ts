/**
 * One application as an organization sees it: who allowed it what there, and shutting it out.
 *
 *   GET  /organizations/:slug/applications/:client
 *   POST /organizations/:slug/applications/:client/shut-out
 *   POST /organizations/:slug/applications/:client/lift
 *
 * @module
 */

import { longestReason } from '../../organizations/approval-requests.ts';
import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { liftShutOut, shutOutApplication } from '../../organizations/shut-outs.ts';
import {
  findApplicationAccess,
  listMemberAccess,
} from '../../storage/clients/application-access.ts';
import { accessInUse } from '../../storage/clients/application-uses.ts';
import { approvalRequestsAbout } from '../../storage/clients/approval-requests.ts';
import { type ApprovalIds, findApproval, isApplication } from '../../storage/clients/approvals.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import { findShutOut } from '../../storage/clients/shut-outs.ts';
import { findUnused } from '../../storage/clients/unused-access.ts';
import { accessView, approvedView, memberView, statusNoticeOf } from './application-view.ts';
import { pathOfApplication } from './applications-page.ts';
import {
  approvalLevels,
  approvalStateOf,
  askableScopes,
  dayViews,
  requestViews,
} from './approval-view.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { nothingThere } from './refusal-texts.ts';
import { seenOf } from './seen-state.ts';

const section = 'applications';
const act = 'application_access.read';
const path = '/applications/:client';

export const applicationPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act, open },
  {
    method: 'POST',
    path: `${path}/shut-out`,
    section,
    act: 'application.shut_out',
    send: sendShutOut,
  },
  { method: 'POST', path: `${path}/lift`, section, act: 'application.shut_out_lifted', send: lift },
];

const onePage = 25;

/** @returns the application of the address, in the organization that is open. */
export const idsOf = ({ ctx, here }: ConsoleRequest): ApprovalIds => ({
  organizationId: here.organization.id,
  clientId: ctx['params'].client ?? '',
});

/** What a form about its approval came to. */
interface Answered {
  /** Somebody has changed the approval or the application since the form was shown. */
  readonly isOutdated?: boolean;
  /** No scope was ticked. */
  readonly isNothing?: boolean;
  /** A reason that cannot be taken. */
  readonly badReason?: string;
}

function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  return showApplication(parts, request, {});
}

/** Shows an application as it is now. */
export async function showApplication(
  parts: ConsoleParts,
  request: ConsoleRequest,
  answered: Answered,
): Promise<void> {
  const { here, ctx } = request;
  const after = ctx.URL.searchParams.get('after');
  const found = await readApplication(parts, request, after);
  const t = parts.messagesOf(ctx);
  const { application, access, members, approval, shutOut } = found;
  const shown = members.slice(0, onePage).map(({ item }) => item);
  const next = members.length > onePage ? shown.at(-1)?.accountId : undefined;
  const ownPath = pathOfApplication(application.id);
  showConsole(parts, request, 'console/application', {
    title: application.name,
    section,
    application,
    isOwned: application.owner?.id === here.organization.id,
    path: ownPath,
    status: statusNoticeOf(t, here.organization, application, { approval, shutOut }),
    approval: approval && approvedView(t, approval),
    access: access && { ...accessView(t, access), use: found.use },
    hasUnused: found.unused.members > 0,
    people: shown.map((one) => {
      const view = memberView(t, one);
      const asked = new URLSearchParams({ person: view.id, app: application.id });
      return { ...view, whyHref: here.may('database_roles.read') && `${here.base}/why?${asked}` };
    }),
    isFirst: after === null,
    next: next && `${here.base}${ownPath}?after=${next}`,
    shutOut: shutOut && { at: shutOut.shutOutAt.toISOString() },
    requests: requestViews(found.requests),
    levels: approvalLevels(t, found.registered, approval),
    days: dayViews(t, approval),
    seen: seenOf(found.state),
    longest: longestReason,
    ...answered,
  });
}

/** @throws {PageError} 404: there is no such application. */
function readApplication({ db }: ConsoleParts, request: ConsoleRequest, after: string | null) {
  const at = idsOf(request);
  const isCursor = after !== null && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(after);
  const part = { after: isCursor ? [after] : undefined, limit: onePage + 1 };
  return readInside(db, inOrganization(request.actor, act, at), async (tx) => {
    const application = await findApplication(tx, at.clientId, request.actor.accountId);
    if (application === undefined || !(await isApplication(tx, at.clientId))) throw nothingThere();
    return {
      application,
      access: await findApplicationAccess(tx, at),
      use: await accessInUse(tx, at),
      unused: await findUnused(tx, at),
      members: await listMemberAccess(tx, at, part),
      approval: await findApproval(tx, at),
      shutOut: await findShutOut(tx, at),
      requests: await approvalRequestsAbout(tx, at, onePage),
      registered: await askableScopes(tx, at.clientId),
      state: await approvalStateOf(tx, at),
    };
  });
}

async function sendShutOut(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const done = await shutOutApplication(form.sender.work, form.actor, at);
  const { applicationName: name, endedMembers: members, endedEntries: entries } = done;
  const text = 'console-app.is-shut-out';
  seeDone(parts, form, pathOfApplication(at.clientId), {
    text,
    values: { name, members, entries },
  });
}

async function lift(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  await liftShutOut(form.sender.work, form.actor, at);
  const name =
    (await findApplication(parts.db, at.clientId, form.actor.accountId))?.name ?? at.clientId;
  const text = 'console-app.is-lifted';
  seeDone(parts, form, pathOfApplication(at.clientId), { text, values: { name } });
}
