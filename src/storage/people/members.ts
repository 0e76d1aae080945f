/**
 * The `organization_members` table. Memberships in teams, roles on databases and consent entries refer to a
 * member's row by foreign key, and are deleted with it.
 *
 * The members of an organization, in the order in which they joined; and one of them, as the list
 * shows them.
 *
 * @module
 */

import {
  administratorRoles,
  namesOfRole,
  type OrganizationRole,
  organizationRoleToday,
} from '../../members/roles.ts';
import { composedStatement, type Db, statement } from '../engine/database.ts';
import { type Listed, noId, type Part } from '../engine/listed.ts';

/** The ids of one person in one organization. */
export interface MemberIds {
  readonly organizationId: string;
  readonly accountId: string;
}

/** A member; one who is suspended keeps everything and may do nothing. */
export interface Member extends MemberIds {
  readonly role: OrganizationRole;
  readonly suspended: boolean;
}

interface MemberRow {
  role: string;
  suspended: boolean;
}

const find = statement(`
  select role, suspended_at is not null as suspended
    from organization_members where organization_id = $1 and account_id = $2`);

/** @returns the member, suspended or not; undefined for a stranger. */
export async function findMember(db: Db, ids: MemberIds): Promise<Member | undefined> {
  const [row] = await db.query<MemberRow>(find, [ids.organizationId, ids.accountId]);
  return row && toMember(ids, row);
}

const findActive = statement(`
  select m.role, false as suspended
    from organization_members m
    join accounts a on a.id = m.account_id
   where m.organization_id = $1 and m.account_id = $2
     and m.suspended_at is null and a.status = 'active'`);

/** @returns the member; undefined for a stranger, and where member or account is suspended. */
export async function findActiveMember(db: Db, ids: MemberIds): Promise<Member | undefined> {
  const [row] = await db.query<MemberRow>(findActive, [ids.organizationId, ids.accountId]);
  return row && toMember(ids, row);
}

const findByEmail = statement(`
  select exists (
    select from organization_members m
      join accounts a on a.id = m.account_id
     where m.organization_id = $1 and a.email = $2) as found`);

/** Whether the account with that address, in its normal form, is a member. */
export async function isMemberByEmail(
  db: Db,
  organizationId: string,
  email: string,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(findByEmail, [organizationId, email]);
  return row?.found === true;
}

const memberOfAddress = statement(`
  select m.account_id as "accountId" from accounts a
    join organization_members m on m.account_id = a.id and m.organization_id = $1
   where a.email = $2`);

/** @returns the member of the organization who has that address, in its normal form. */
export async function findMemberId(
  db: Db,
  organizationId: string,
  email: string,
): Promise<string | undefined> {
  const rows = await db.query<{ accountId: string }>(memberOfAddress, [organizationId, email]);
  return rows[0]?.accountId;
}

const otherAdministrator = statement(`
  select exists (
    select from organization_members m
      join accounts a on a.id = m.account_id
     where m.organization_id = $1 and m.account_id <> $2 and m.role = any($3::text[])
       and m.suspended_at is null and a.status = 'active') as found`);

/**
 * Whether somebody else is an Organization Administrator who can act. Holds for as long as the
 * caller holds the organization's lock.
 */
export async function hasOtherAdministrator(tx: Db, ids: MemberIds): Promise<boolean> {
  const values = [ids.organizationId, ids.accountId, administratorRoles];
  const [row] = await tx.query<{ found: boolean }>(otherAdministrator, values);
  return row?.found === true;
}

const insert = statement(`
  insert into organization_members (organization_id, account_id, role) values ($1, $2, $3)`);

/** @throws {pg.DatabaseError} organization_members_pkey: the account is a member already. */
export async function insertMember(tx: Db, member: Omit<Member, 'suspended'>): Promise<void> {
  await tx.query(insert, [member.organizationId, member.accountId, member.role]);
}

const update = statement(`
  update organization_members
     set role = $3, suspended_at = case when $4::boolean then coalesce(suspended_at, now()) end
   where organization_id = $1 and account_id = $2`);

/** Stores role and suspension of a member that exists. */
export async function updateMember(tx: Db, member: Member): Promise<void> {
  const { organizationId, accountId, role, suspended } = member;
  await tx.query(update, [organizationId, accountId, role, suspended]);
}

const remove = statement(`
  delete from organization_members where organization_id = $1 and account_id = $2`);

/** Deletes a member, and with the row all roles, teams and consent entries there. */
export async function deleteMember(tx: Db, ids: MemberIds): Promise<void> {
  await tx.query(remove, [ids.organizationId, ids.accountId]);
}

function toMember(ids: MemberIds, { role, suspended }: MemberRow): Member {
  const { organizationId, accountId } = ids;
  return { organizationId, accountId, role: organizationRoleToday(role), suspended };
}

/** A member, with their name and address. */
export interface ListedMember {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrganizationRole;
  readonly suspended: boolean;
  readonly joinedAt: Date;
}

/** Which members; what is undefined does not matter. */
export interface MemberFilters {
  readonly role?: OrganizationRole | undefined;
  /** In its normal form. */
  readonly email?: string | undefined;
  readonly suspended?: boolean | undefined;
}

interface ListedMemberRow {
  account_id: string;
  email: string;
  name: string;
  role: string;
  suspended: boolean;
  joined_at: Date;
  joined: string;
}

// Microseconds count in the order, and a Date has none.
const select = `
  select m.account_id, a.email, a.name, m.role, m.suspended_at is not null as suspended,
         m.joined_at, m.joined_at::text as joined
    from organization_members m join accounts a on a.id = m.account_id
   where m.organization_id = $1`;

const one = statement(`${select} and m.account_id = $2`);

/** @returns the member; undefined for a stranger. */
export async function findListedMember(
  db: Db,
  { organizationId, accountId }: MemberIds,
): Promise<ListedMember | undefined> {
  const [row] = await db.query<ListedMemberRow>(one, [organizationId, accountId]);
  return row && toListedMember(row);
}

/** @returns the members that fit, the first to join first. */
export async function listMembers(
  db: Db,
  organizationId: string,
  { role, email, suspended }: MemberFilters,
  { after: [joined = '-infinity', accountId = noId] = [], limit }: Part,
): Promise<Listed<ListedMember>[]> {
  const filters: [condition: (parameter: string) => string, value: unknown][] = [];
  if (role !== undefined)
    filters.push([(names) => `m.role = any(${names}::text[])`, namesOfRole(role)]);
  if (email !== undefined) filters.push([(address) => `a.email = ${address}`, email]);
  const conditions = filters.map(([condition], n) => `and ${condition(`$${n + 5}`)}`);
  if (suspended !== undefined) {
    conditions.push(`and m.suspended_at is ${suspended ? 'not null' : 'null'}`);
  }
  const list = composedStatement(`${select}
     and (m.joined_at, m.account_id) > ($2::timestamptz, $3::uuid) ${conditions.join(' ')}
   order by m.joined_at, m.account_id limit $4`);
  const values = [organizationId, joined, accountId, limit, ...filters.map(([, value]) => value)];
  const rows = await db.query<ListedMemberRow>(list, values);
  return rows.map((row) => ({ position: [row.joined, row.account_id], item: toListedMember(row) }));
}

function toListedMember(row: ListedMemberRow): ListedMember {
  const { account_id: accountId, email, name, role, suspended, joined_at: joinedAt } = row;
  return { accountId, email, name, role: organizationRoleToday(role), suspended, joinedAt };
}
