/**
 * The members of an organization, in the order in which they joined; and one of them, as the list
 * shows them.
 *
 * @module
 */

import { namesOfRole, type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { composedStatement, type Db, statement } from '../engine/database.ts';
import { type Listed, noId, type Part } from '../engine/listed.ts';
import type { MemberPlace } from './members.ts';

/** A member with what tells who it is. */
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

interface MemberRow {
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
  { organizationId, accountId }: MemberPlace,
): Promise<ListedMember | undefined> {
  const [row] = await db.query<MemberRow>(one, [organizationId, accountId]);
  return row && toMember(row);
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
  const rows = await db.query<MemberRow>(list, values);
  return rows.map((row) => ({ position: [row.joined, row.account_id], item: toMember(row) }));
}

function toMember(row: MemberRow): ListedMember {
  const { account_id: accountId, email, name, role, suspended, joined_at: joinedAt } = row;
  return { accountId, email, name, role: organizationRoleToday(role), suspended, joinedAt };
}
