/**
 * Whether the parts of a path belong together, and whether somebody belongs there: asked before an
 * attempt that was refused is written into the audit trail of an organization.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** The ids of a path; all that are there must be in the organization. */
export interface PathIds {
  readonly organizationId: string;
  readonly databaseId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly teamId?: string | undefined;
  /** A member. */
  readonly accountId?: string | undefined;
  readonly invitationId?: string | undefined;
  /** An application, which belongs to no organization: it has to exist. */
  readonly clientId?: string | undefined;
}

const wholePath = statement(`
  select from organizations o
   where o.id = $1
     and ($2::uuid is null or exists (
       select from databases where id = $2 and organization_id = o.id))
     and ($3::uuid is null or exists (
       select from branches where id = $3 and organization_id = o.id
         and ($2::uuid is null or database_id = $2)))
     and ($4::uuid is null or exists (
       select from teams where id = $4 and organization_id = o.id))
     and ($5::uuid is null or exists (
       select from organization_members where account_id = $5 and organization_id = o.id))
     and ($6::uuid is null or exists (
       select from invitations where id = $6 and organization_id = o.id))
     and ($7::text is null or exists (select from clients where id = $7))`);

/** @returns whether all of it exists and is in that organization. */
export async function isWholePath(db: Db, at: PathIds): Promise<boolean> {
  const { organizationId, databaseId, branchId, teamId, accountId, invitationId, clientId } = at;
  const ids = [databaseId, branchId, teamId, accountId, invitationId, clientId];
  const values = [organizationId, ...ids.map((id) => id ?? null)];
  return (await db.query(wholePath, values)).length === 1;
}
