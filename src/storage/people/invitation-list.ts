/**
 * The open invitations of an organization, by address.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import { columns, type Invitation, type InvitationRow, toInvitation } from './invitations.ts';

const ofOrganization = statement(`
  select ${columns} from invitations
   where organization_id = $1 and email > $2 order by email limit $3`);

/** @returns the invitations, also those that have expired and can be sent again. */
export async function listInvitations(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<Invitation>[]> {
  const values = [organizationId, after?.[0] ?? '', limit];
  const rows = await db.query<InvitationRow>(ofOrganization, values);
  return rows.map((row) => ({ position: [row.email], item: toInvitation(row) }));
}

const allOf = statement(`
  select ${columns} from invitations where organization_id = $1 order by email`);

/** @returns every invitation of an organization, for operators. */
export async function listInvitationsOf(db: Db, organizationId: string): Promise<Invitation[]> {
  return (await db.query<InvitationRow>(allOf, [organizationId])).map(toInvitation);
}
