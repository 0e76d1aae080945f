/**
 * Where the console is: ours, or the platform's own.
 *
 * @module
 */

import type { Database } from '../../storage/engine/database.ts';
import { invitationsTo } from '../../storage/people/own-home.ts';
import { findOrganization, ownOrganizations } from '../../storage/tree/organizations.ts';

/** A person's home. */
export const homePath = '/organizations';

/** Addresses of the console, for pages that lead into it. */
export interface ConsoleAddress {
  /** Where whoever is signed in begins; undefined: the platform has a console of its own. */
  home(accountId: string): Promise<string | undefined>;
  organization(slug: string): string;
  /** Where somebody goes who has just come into an organization by an invitation. */
  joined(organizationId: string | undefined): Promise<string>;
  /** Where somebody goes who has just made an organization. */
  created(slug: string): string;
}

/** @param consoleUrl the platform's own console; no form can lead there, only a link. */
export function consoleAddresses(db: Database, consoleUrl: string | undefined): ConsoleAddress {
  const isOurs = consoleUrl === undefined;
  return {
    home: async (accountId) => (isOurs ? homeOf(db, accountId) : undefined),
    organization: (slug) => consoleUrl ?? baseOf(slug),
    async joined(organizationId) {
      if (!isOurs) return '/account?done=joined';
      const found = organizationId && (await findOrganization(db, organizationId));
      return `${found ? baseOf(found.slug) : homePath}?done=joined`;
    },
    created: (slug) => (isOurs ? `${baseOf(slug)}?done=created` : '/account?done=organization'),
  };
}

/** Where the pages of an organization are. */
export const baseOf = (slug: string) => `${homePath}/${slug}`;

/** With one organization that is open, and nothing to answer, straight to it. */
async function homeOf(db: Database, accountId: string): Promise<string> {
  const [own, invitations] = await Promise.all([
    ownOrganizations(db, accountId, '', 2),
    invitationsTo(db, accountId, 1),
  ]);
  const [first] = own;
  const isOnly = own.length === 1 && invitations.length === 0;
  return first !== undefined && isOnly && first.organization.suspendedFor === undefined
    ? baseOf(first.organization.slug)
    : homePath;
}
