/**
 * All routes of the management API. A new one is added to the table of its subject; its row in
 * test/api/foreign-ids.test.ts follows from the table.
 *
 * @module
 */

import { accountRoutes } from './account.ts';
import { applicationAccessRoutes } from './application-access.ts';
import { type ApplicationOwners, organizations, people } from './application-owners.ts';
import { applicationRoutes } from './applications.ts';
import { auditRoutes } from './audit-log.ts';
import { branchRoutes } from './branches.ts';
import { consentRoutes } from './consents.ts';
import { databasePeopleRoutes, databaseRoutes } from './databases.ts';
import { invitationRoutes, memberRoutes } from './members.ts';
import { organizationRoutes } from './organizations.ts';
import { proofsOf } from './owned-application-proofs.ts';
import { applicationsOf } from './owned-applications.ts';
import { managerRoutes } from './owned-managers.ts';
import { secretsOf } from './owned-secrets.ts';
import { platformRoutes } from './platform.ts';
import { resourceServerRoutes } from './resource-servers.ts';
import type { Route } from './route.ts';
import { signInRoutes } from './sign-ins.ts';
import { teamRoutes } from './teams.ts';

/** What the owners of applications do with them. */
function ownedBy(owners: ApplicationOwners): readonly Route[] {
  return [...applicationsOf(owners), ...secretsOf(owners), ...proofsOf(owners)];
}

/** The tables by their heading in the document. */
export const routeTables: Readonly<Record<string, readonly Route[]>> = {
  Account: accountRoutes,
  Organizations: organizationRoutes,
  Members: memberRoutes,
  Invitations: invitationRoutes,
  Teams: teamRoutes,
  Databases: databaseRoutes,
  'People of a database': databasePeopleRoutes,
  Branches: branchRoutes,
  'Approved applications': applicationRoutes,
  'Access of applications': applicationAccessRoutes,
  'Resource servers': resourceServerRoutes,
  'Applications of its own': [...ownedBy(organizations), ...managerRoutes],
  'Applications of a person': ownedBy(people),
  'Audit log': auditRoutes,
  Platform: platformRoutes,
  'Sign-in': signInRoutes,
  Consents: consentRoutes,
};

/** Every route. */
export const routes: readonly Route[] = Object.values(routeTables).flat();
