/**
 * The applications of an organization: which have access, which are shut out, which are approved; and the
 * way to any other by its client id.
 *
 *   GET /organizations/:slug/applications               the lists
 *   GET /organizations/:slug/applications?client_id=x   leads to that application
 *
 * @module
 */

import type { ApplicationPolicy } from '../../decisions/policy.ts';
import type { Messages } from '../../lib/messages.ts';
import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  type ApplicationAccess,
  listApplicationAccess,
} from '../../storage/clients/application-access.ts';
import { countRequestedApplications } from '../../storage/clients/approval-requests.ts';
import { isApplication, listApprovals } from '../../storage/clients/approvals.ts';
import { listShutOuts, type ShutOut } from '../../storage/clients/shut-outs.ts';
import { seeOther } from '../page/page-parts.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';

const act = 'application_access.read';

export const applicationsPages: readonly ConsolePage[] = [
  { method: 'GET', path: '/applications', section: 'applications', act, open },
];

const policyTexts: Readonly<Record<ApplicationPolicy, string>> = {
  open: 'console-apps.policy-open',
  verified_only: 'console-apps.policy-verified',
  approval_required: 'console-apps.policy-approval',
};

const onePage = 50;
const mostOfOthers = 100;

/** The address of one application in the console, below the organization. */
export const pathOfApplication = (clientId: string) =>
  `/applications/${encodeURIComponent(clientId)}`;

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here, ctx } = request;
  const query = ctx.URL.searchParams;
  const wanted = query.get('client_id')?.trim();
  if (wanted && (await isApplication(parts.db, wanted))) {
    return seeOther(ctx, here.base + pathOfApplication(wanted));
  }
  const { id: organizationId } = here.organization;
  const after = query.get('after');
  const found = await readInside(
    parts.db,
    inOrganization(actor, act, { organizationId }),
    async (tx) => {
      const part = { after: after === null ? undefined : [after], limit: onePage + 1 };
      const others = { after: undefined, limit: mostOfOthers };
      return {
        access: await listApplicationAccess(tx, organizationId, part),
        shutOuts: await listShutOuts(tx, organizationId, others),
        approvals: await listApprovals(tx, organizationId, others),
        requested: await countRequestedApplications(tx, organizationId),
      };
    },
  );
  const t = parts.messagesOf(ctx);
  const hrefOf = (clientId: string) => here.base + pathOfApplication(clientId);
  const shown = found.access.slice(0, onePage).map(({ item }) => item);
  const next = found.access.length > onePage ? shown.at(-1)?.clientId : undefined;
  showConsole(parts, request, 'console/applications', {
    title: t.text('console.applications'),
    section: 'applications',
    policy: t.text(policyTexts[here.organization.applicationPolicy]),
    applications: shown.map((one) => accessView(t, one, hrefOf(one.clientId))),
    isFirst: after === null,
    next: next && `${here.base}/applications?after=${encodeURIComponent(next)}`,
    shutOuts: found.shutOuts.map(({ item }) => shutOutView(t, item, hrefOf(item.clientId))),
    approvals: found.approvals
      .filter(({ item }) => !shown.some(({ clientId }) => clientId === item.clientId))
      .map(({ item }) => ({
        name: item.applicationName,
        href: hrefOf(item.clientId),
        at: item.approvedAt.toISOString(),
      })),
    requested: found.requested,
    wanted: wanted ?? '',
    unknown: wanted ? t.text('console-apps.unknown') : undefined,
  });
}

function accessView(t: Messages, of: ApplicationAccess, href: string) {
  return {
    name: of.name,
    logo: of.logo,
    href,
    people: t.text('console-apps.people', { count: of.members }),
    since: of.since.toISOString(),
    lastUsedAt: of.lastUsedAt?.toISOString(),
    knownSince: of.knownSince?.toISOString(),
    isVerified: of.isVerified,
    isOwned: of.isOwned,
    isApproved: of.isApproved,
  };
}

function shutOutView(t: Messages, of: ShutOut, href: string) {
  const { endedMembers: members, endedEntries: entries } = of;
  return {
    name: of.applicationName,
    href,
    at: of.shutOutAt.toISOString(),
    ended: t.text('console-apps.ended', { members, entries }),
  };
}
