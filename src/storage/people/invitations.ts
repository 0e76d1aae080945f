/**
 * The `invitations` table: open invitations, one for each address and organization.
 *
 * The open invitations of an organization, by address.
 *
 * The `invitation_answers` table: what an invitation was answered with, for an hour, so that a second
 * submit of its form gets the first one's answer.
 *
 * @module
 */

import { type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';

/** Where an invitation is; both ids must fit. */
export interface InvitationIds {
  readonly organizationId: string;
  readonly invitationId: string;
}

/** An open invitation. */
export interface Invitation {
  readonly id: string;
  readonly organizationId: string;
  /** In its normal form. */
  readonly email: string;
  readonly role: OrganizationRole;
  /** Undefined where the inviter's account is gone. */
  readonly invitedBy: string | undefined;
  readonly expiresAt: Date;
  readonly isExpired: boolean;
  /** Whether an operator printed its link: who holds it has not proven the address. */
  readonly isPrinted: boolean;
}

/** A row of `columns`. */
interface InvitationRow {
  id: string;
  organization_id: string;
  email: string;
  role: string;
  invited_by: string | null;
  expires_at: Date;
  is_expired: boolean;
  is_printed: boolean;
}

/** What every statement about invitations selects. */
const columns = `
  id, organization_id, email, role, invited_by, expires_at, expires_at <= now() as is_expired,
  is_printed`;

const find = statement(`
  select ${columns} from invitations where organization_id = $1 and id = $2`);

/** @returns the invitation; undefined when the organization has none of that id. */
export async function findInvitation(
  db: Db,
  { organizationId, invitationId }: InvitationIds,
): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(find, [organizationId, invitationId]);
  return row && toInvitation(row);
}

const findByHash = statement(`select ${columns} from invitations where token_hash = $1`);

/** @returns the invitation with that token's SHA-256; undefined when there is none. */
export async function findInvitationByHash(db: Db, hash: Buffer): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(findByHash, [hash]);
  return row && toInvitation(row);
}

const findById = statement(`select ${columns} from invitations where id = $1`);

/** @returns the invitation, whatever organization it is of; for whoever it is addressed to. */
export async function findInvitationById(db: Db, id: string): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(findById, [id]);
  return row && toInvitation(row);
}

/** An invitation that is not stored yet. */
export interface NewInvitation {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  readonly role: OrganizationRole;
  readonly invitedBy: string;
  readonly ttlSeconds: number;
}

const insert = statement(`
  insert into invitations (id, organization_id, email, role, invited_by, expires_at)
  values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
      on conflict (organization_id, email) do nothing
  returning ${columns}`);

/** @returns the invitation, still without a token; undefined when the address has one already. */
export async function insertInvitation(
  tx: Db,
  invitation: NewInvitation,
): Promise<Invitation | undefined> {
  const { id, organizationId, email, role, invitedBy, ttlSeconds } = invitation;
  const values = [id, organizationId, email, role, invitedBy, ttlSeconds];
  const [row] = await tx.query<InvitationRow>(insert, values);
  return row && toInvitation(row);
}

const renew = statement(`
  update invitations
     set token_hash = null, is_printed = false, invited_by = $2, expires_at = now() + make_interval(secs => $3)
   where id = $1
  returning ${columns}`);

/** Starts its time anew, in the name of who resends it; the link that went out before is dead. */
export async function renewInvitation(
  tx: Db,
  { id }: Invitation,
  { invitedBy, ttlSeconds }: Pick<NewInvitation, 'invitedBy' | 'ttlSeconds'>,
): Promise<Invitation | undefined> {
  const [row] = await tx.query<InvitationRow>(renew, [id, invitedBy, ttlSeconds]);
  return row && toInvitation(row);
}

const remove = statement('delete from invitations where id = $1');

/** Deletes an invitation: it was accepted, declined or cancelled. */
export async function deleteInvitation(tx: Db, { id }: Invitation): Promise<void> {
  await tx.query(remove, [id]);
}

/** What the mail of an invitation says. */
export interface InvitationToSend {
  readonly email: string;
  readonly organizationName: string;
  readonly expiresAt: Date;
  /** Of whoever has the address, else of who invites; null: neither has signed in. */
  readonly locale: string | null;
}

const giveToken = statement(`
  update invitations i set token_hash = $2, is_printed = false
    from organizations o
   where i.id = $1 and i.expires_at > now() and o.id = i.organization_id
  returning i.email, o.name as "organizationName", i.expires_at as "expiresAt",
            coalesce((select a.locale from accounts a where a.email = i.email),
                     (select a.locale from accounts a where a.id = i.invited_by)) as locale`);

/**
 * Gives an invitation the token whose SHA-256 this is, instead of the one before.
 *
 * @returns what to send; undefined when the invitation is over.
 */
export async function giveInvitationToken(
  db: Db,
  invitationId: string,
  hash: Buffer,
): Promise<InvitationToSend | undefined> {
  const [toSend] = await db.query<InvitationToSend>(giveToken, [invitationId, hash]);
  return toSend;
}

const setPrinted = statement(`
  update invitations set token_hash = $2, is_printed = true where id = $1`);

/** As `giveInvitationToken`, for a link that an operator prints instead of sending it. */
export async function setPrintedToken(tx: Db, invitationId: string, hash: Buffer): Promise<void> {
  await tx.query(setPrinted, [invitationId, hash]);
}

const findByEmail = statement(`
  select ${columns} from invitations where organization_id = $1 and email = $2`);

/** @returns the open invitation of an address, in its normal form. */
export async function findInvitationByEmail(
  db: Db,
  organizationId: string,
  email: string,
): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(findByEmail, [organizationId, email]);
  return row && toInvitation(row);
}

/** @throws {StoredDataError} the role is none that this program knows. */
function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    organizationId: row.organization_id,
    email: row.email,
    role: organizationRoleToday(row.role),
    invitedBy: row.invited_by ?? undefined,
    expiresAt: row.expires_at,
    isExpired: row.is_expired,
    isPrinted: row.is_printed,
  };
}

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

/** Who answered, and what came of it. */
export interface InvitationAnswer {
  readonly accountId: string;
  readonly answer: 'joined' | 'declined';
}

const insertAnswer = statement(`
  insert into invitation_answers (token_hash, account_id, answer, expires_at)
  values ($1, $2, $3, now() + interval '1 hour')`);
const select = statement(`
  select account_id as "accountId", answer from invitation_answers
   where token_hash = $1 and expires_at > now()`);

/** Keeps the answer, in the transaction that ends the invitation (SHA-256 of its token). */
export async function keepInvitationAnswer(
  tx: Db,
  hash: Buffer,
  { accountId, answer }: InvitationAnswer,
): Promise<void> {
  await tx.query(insertAnswer, [hash, accountId, answer]);
}

/** @returns what the invitation of this token (SHA-256) was answered with lately. */
export async function findInvitationAnswer(
  db: Db,
  hash: Buffer,
): Promise<InvitationAnswer | undefined> {
  const [row] = await db.query<InvitationAnswer>(select, [hash]);
  return row;
}
