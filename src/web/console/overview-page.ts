/**
 * The first page of an organization: how much there is, and what waits for a decision.
 *
 *   GET /organizations/:slug
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  type ApprovalRequest,
  listApprovalRequests,
} from '../../storage/clients/approval-requests.ts';
import {
  organizationFigures,
  unverifiedInProduction,
} from '../../storage/tree/organization-figures.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';
import { recentEvents } from './recent-events.ts';

export const overviewPages: readonly ConsolePage[] = [
  { method: 'GET', path: '', section: 'overview', act: 'organization.read', open },
];

/** As many of each as are named; of what is more it is said that there is more. */
const mostNamed = 5;

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here } = request;
  const { id: organizationId, name } = here.organization;
  const entrance = inOrganization(actor, 'organization.read', { organizationId });
  const decides = here.may('application_approvals.read');
  const found = await readInside(parts.db, entrance, async (tx) => ({
    figures: await organizationFigures(tx, organizationId),
    requests: decides
      ? await listApprovalRequests(tx, organizationId, { after: undefined, limit: mostNamed + 1 })
      : [],
    unverified: decides ? await unverifiedInProduction(tx, organizationId, mostNamed + 1) : [],
    events: await recentEvents(parts, request, tx, [{}]),
  }));
  showConsole(parts, request, 'console/overview', {
    title: name,
    section: 'overview',
    figures: found.figures,
    events: found.events,
    requests: found.requests.slice(0, mostNamed).map(({ item }) => requestView(item)),
    unverified: found.unverified.slice(0, mostNamed),
    hasMore: [found.requests, found.unverified].some((list) => list.length > mostNamed),
  });
}

function requestView({ applicationName, memberName, reason, requestedAt }: ApprovalRequest) {
  return { app: applicationName, person: memberName, reason, at: requestedAt.toISOString() };
}
