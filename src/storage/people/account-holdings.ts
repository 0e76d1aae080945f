/**
 * What an account has, by name: for the page that deletes it.
 *
 * @module
 */

import { administratorRoles } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';

/** An organization that the account is in. */
export interface HeldOrganization {
  readonly slug: string;
  readonly name: string;
  /** Nobody else administrates it. */
  readonly isLastAdministrator: boolean;
}

const organizations = statement(`
  select o.slug, o.name,
         m.role = any ($2) and m.suspended_at is null and not exists (
           select from organization_members x join accounts a on a.id = x.account_id
            where x.organization_id = m.organization_id and x.account_id <> m.account_id
              and x.role = any ($2) and x.suspended_at is null and a.status = 'active') as "isLastAdministrator"
    from organization_members m join organizations o on o.id = m.organization_id
   where m.account_id = $1 order by o.name, o.slug`);

/** @returns the organizations, by name. */
export async function organizationsOf(db: Db, accountId: string): Promise<HeldOrganization[]> {
  return db.query<HeldOrganization>(organizations, [accountId, administratorRoles]);
}
