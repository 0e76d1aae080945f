/**
 * What a signed-in person begins with: invitations to answer, databases they administer, applications that
 * they gave access.
 *
 * @module
 */

import {
  administratorRoles,
  databaseAdministratorRole,
  namesOfRole,
  type OrganizationRole,
  organizationRoleToday,
} from '../../members/roles.ts';
import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';

/** An invitation, to whoever holds its address. */
export interface OwnInvitation {
  readonly id: string;
  readonly organizationName: string;
  readonly role: OrganizationRole;
  readonly expiresAt: Date;
}

const invitations = statement(`
  select i.id, o.name as "organizationName", i.role, i.expires_at as "expiresAt"
    from accounts a
    join invitations i on i.email = a.email
    join organizations o on o.id = i.organization_id
   where a.id = $1 and a.status = 'active' and a.email_verified_at is not null
     and i.expires_at > now()
     and not exists (select from organization_members m
                      where m.organization_id = i.organization_id and m.account_id = a.id)
   order by i.expires_at, i.id limit $2`);

/** @returns the open invitations to the proven address of an account, the first to expire first. */
export async function invitationsTo(
  db: Db,
  accountId: string,
  limit: number,
): Promise<OwnInvitation[]> {
  const rows = await db.query<OwnInvitation>(invitations, [accountId, limit]);
  return rows.map((row) => ({ ...row, role: organizationRoleToday(row.role) }));
}

/** A database, by the slugs of its path. */
export interface OwnDatabase {
  readonly id: string;
  readonly slug: string;
  readonly organizationSlug: string;
}

const databases = statement(`
  select d.id, d.slug, o.slug as "organizationSlug"
    from (select database_id from database_roles where account_id = $1 and role = any ($2)
           union
          select t.database_id from team_members m join team_databases t on t.team_id = m.team_id
           where m.account_id = $1) held
    join databases d on d.id = held.database_id
    join organizations o on o.id = d.organization_id
    join organization_members m on m.organization_id = o.id and m.account_id = $1
   where m.suspended_at is null and o.suspended_at is null and not m.role = any ($3)
   order by o.slug, d.slug limit $4`);

/**
 * @returns the databases that the account administers by a role there or by a team, by path; those of
 *   organizations that it administers as a whole are left out.
 */
export function administeredDatabases(
  db: Db,
  accountId: string,
  limit: number,
): Promise<OwnDatabase[]> {
  const roles = namesOfRole(databaseAdministratorRole);
  return db.query<OwnDatabase>(databases, [accountId, roles, administratorRoles, limit]);
}

const applications = statement(`
  select k.id, k.name from consents c join clients k on k.id = c.client_id
   where c.account_id = $1 and c.version > 0 and ${isAlive('c')}
   order by c.updated_at desc limit $2`);

/** @returns applications with access to something of the account, the last to be allowed first. */
export function allowedApplications(
  db: Db,
  accountId: string,
  limit: number,
): Promise<{ readonly id: string; readonly name: string }[]> {
  return db.query(applications, [accountId, limit]);
}
