/**
 * Who gets a mail about requests for an approval: administrators that one was made, members that
 * theirs was answered.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { ApprovalRequestIds } from './approval-requests.ts';
import type { ApprovalIds } from './approvals.ts';

/** Somebody who gets the mail, with the names in it. */
export interface ApprovalReader {
  readonly accountId: string;
  readonly email: string;
  /** Theirs, else that of who asks. */
  readonly locale: string | null;
  /** Of who asks. */
  readonly person: string;
  readonly application: string;
  readonly organization: string;
  /** The organization's, for the address of what the mail is about. */
  readonly slug: string;
}

const readers = (reader: string) => `
  select a.id as "accountId", a.email, coalesce(a.locale, asker.locale) as locale, asker.name as person, c.name as application,
         o.name as organization, o.slug
    from approval_requests r
    join clients c on c.id = r.client_id
    join organizations o on o.id = r.organization_id
    join accounts asker on asker.id = r.account_id
    join organization_members m on m.organization_id = r.organization_id
    join accounts a on a.id = m.account_id and ${reader}
   where r.organization_id = $1 and r.client_id = $2 and r.declined_at is null
     and m.suspended_at is null and a.status = 'active'`;

const administrators = statement(`${readers('a.id <> asker.id')}
     and r.account_id = $3 and m.role = any($4::text[])
   order by m.joined_at, a.id limit $5`);

/** @returns the administrators who get a mail about a member's request, the longest in office first. */
export function administratorsToMail(
  tx: Db,
  { organizationId, clientId, accountId }: ApprovalRequestIds,
  roles: readonly string[],
  most: number,
): Promise<ApprovalReader[]> {
  const values = [organizationId, clientId, accountId, roles, most];
  return tx.query<ApprovalReader>(administrators, values);
}

const askers = statement(readers('a.id = asker.id'));

/** @returns the members who wait for an answer about the application. */
export function askersToMail(
  tx: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<ApprovalReader[]> {
  return tx.query<ApprovalReader>(askers, [organizationId, clientId]);
}
