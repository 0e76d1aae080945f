/**
 * The first page of an organization.
 *
 *   GET /organizations/:slug
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { organizationFigures } from '../../storage/tree/organization-figures.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';

export const overviewPages: readonly ConsolePage[] = [
  { method: 'GET', path: '', section: 'overview', act: 'organization.read', open },
];

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here } = request;
  const { id: organizationId, name } = here.organization;
  const entrance = inOrganization(actor, 'organization.read', { organizationId });
  const figures = await readInside(parts.db, entrance, (tx) =>
    organizationFigures(tx, organizationId),
  );
  showConsole(parts, request, 'console/overview', { title: name, section: 'overview', figures });
}
