/**
 * The bar of an organization around pages of it that are none of the console: its applications and resource
 * servers.
 *
 * @module
 */

import { ownOrganizations } from '../../storage/tree/organizations.ts';
import type { PageParts } from '../page/page-parts.ts';
import { type AroundOrganization, keepSurroundings } from '../page/render-page.ts';
import { consolePages } from './console-pages.ts';
import { barOf, mostInMenu, sectionsOf, toConsoleOrganization } from './frame.ts';

/** @returns what gives the pages that answer a request this bar; nothing to whoever is not in it. */
export function organizationBar({
  db,
  messagesOf,
}: Pick<PageParts, 'db' | 'messagesOf'>): AroundOrganization {
  const offered = sectionsOf(consolePages);
  return async (ctx, account, slug) => {
    const [first, ...others] = await ownOrganizations(db, account.id, slug, mostInMenu);
    if (first?.organization.slug !== slug || first.organization.suspendedFor !== undefined) return;
    const here = toConsoleOrganization(first, others);
    const bar = () => barOf(messagesOf(ctx), offered, here, 'applications');
    keepSurroundings(ctx, { account, console: bar });
  };
}
