/**
 * One application as an organization sees it: who allowed it what there, and shutting it out.
 *
 *   GET  /organizations/:slug/applications/:client
 *   POST /organizations/:slug/applications/:client/shut-out
 *   POST /organizations/:slug/applications/:client/lift
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { liftShutOut, shutOutApplication } from '../../organizations/shut-outs.ts';
import {
  findApplicationAccess,
  listMemberAccess,
} from '../../storage/clients/application-access.ts';
import {
  type ApprovalPlace,
  findApproval,
  isApplication,
} from '../../storage/clients/approvals.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import { findShutOut } from '../../storage/clients/shut-outs.ts';
import { memberView, scopeNamesIn, standingOf } from './application-view.ts';
import { pathOfApplication } from './applications-page.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { nothingThere } from './refusal-texts.ts';

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

const placeOf = ({ ctx, here }: ConsoleRequest): ApprovalPlace => ({
  organizationId: here.organization.id,
  clientId: ctx['params'].client ?? '',
});

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here, ctx } = request;
  const at = placeOf(request);
  const after = ctx.URL.searchParams.get('after');
  const isCursor = after === null || /^[0-9a-f-]{36}$/.test(after);
  const found = await readInside(parts.db, inOrganization(actor, act, at), async (tx) => {
    const application = await findApplication(tx, at.clientId, actor.accountId);
    if (application === undefined || !(await isApplication(tx, at.clientId))) throw nothingThere();
    const part = { after: after && isCursor ? [after] : undefined, limit: onePage + 1 };
    return {
      application,
      access: await findApplicationAccess(tx, at),
      members: await listMemberAccess(tx, at, part),
      approval: await findApproval(tx, at),
      shutOut: await findShutOut(tx, at),
    };
  });
  const t = parts.messagesOf(ctx);
  const { application, access, members, approval, shutOut } = found;
  const shown = members.slice(0, onePage).map(({ item }) => item);
  const next = members.length > onePage ? shown.at(-1)?.accountId : undefined;
  const ownPath = pathOfApplication(application.id);
  showConsole(parts, request, 'console/application', {
    title: application.name,
    section,
    application,
    path: ownPath,
    standing: standingOf(t, here.organization, application, { approval, shutOut }),
    approval: approval && {
      at: approval.approvedAt.toISOString(),
      scopes: approval.scopes && scopeNamesIn(t, approval.scopes),
      production: approval.production,
      days: approval.maxGrantSeconds && Math.ceil(approval.maxGrantSeconds / 86_400),
    },
    access: access && {
      people: access.members,
      entries: access.entries,
      scopes: scopeNamesIn(t, access.scopes),
      since: access.since.toISOString(),
      lastUsedAt: access.lastUsedAt?.toISOString(),
    },
    people: shown.map((one) => memberView(t, one)),
    isFirst: after === null,
    next: next && `${here.base}${ownPath}?after=${next}`,
    shutOut: shutOut && { at: shutOut.shutOutAt.toISOString() },
  });
}

async function sendShutOut(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = placeOf(form);
  const done = await shutOutApplication(form.sender.work, form.actor, at);
  const { applicationName: name, endedMembers: members, endedEntries: entries } = done;
  const text = 'console-app.is-shut-out';
  seeDone(parts, form, pathOfApplication(at.clientId), {
    text,
    values: { name, members, entries },
  });
}

async function lift(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = placeOf(form);
  await liftShutOut(form.sender.work, form.actor, at);
  const name =
    (await findApplication(parts.db, at.clientId, form.actor.accountId))?.name ?? at.clientId;
  const text = 'console-app.is-lifted';
  seeDone(parts, form, pathOfApplication(at.clientId), { text, values: { name } });
}
