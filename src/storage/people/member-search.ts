/**
 * The members of an organization as people look for them: by the beginning of a name or an address, by
 * role, in an order of their choice, part by part.
 *
 * @module
 */

import { namesOfRole, type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { composedStatement, type Db } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import type { ListedMember } from './members.ts';

/** The first to join first, the last first, by name, by address. */
export const memberOrders = ['joined', 'newest', 'name', 'address'] as const;
export type MemberOrder = (typeof memberOrders)[number];

/** Which members; what is undefined does not matter. */
export interface MemberQuestion {
  readonly role?: OrganizationRole | undefined;
  readonly suspended?: boolean | undefined;
  /** The beginning of a name, of a last name or of an address. */
  readonly search?: string | undefined;
  readonly order: MemberOrder;
}

interface Row {
  account_id: string;
  email: string;
  name: string;
  role: string;
  suspended: boolean;
  joined_at: Date;
  key: string;
}

/** The first key of an order, its type, and the second one, which tells equals apart. */
const orders: Readonly<
  Record<MemberOrder, { key: string; type: string; id: string; goesDown?: boolean }>
> = {
  joined: { key: 'm.joined_at', type: 'timestamptz', id: 'm.account_id' },
  newest: { key: 'm.joined_at', type: 'timestamptz', id: 'm.account_id', goesDown: true },
  name: { key: 'lower(a.name) collate "C"', type: 'text', id: 'a.id' },
  address: { key: 'a.email collate "C"', type: 'text', id: 'a.id' },
};

/** What stands after everything that begins with the same characters. */
const last = '\u{10ffff}';

/** @returns the members that fit, and where each stands. */
export async function searchMembers(
  db: Db,
  organizationId: string,
  { role, suspended, search, order }: MemberQuestion,
  { after, limit }: Part,
): Promise<Listed<ListedMember>[]> {
  const values: unknown[] = [organizationId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const { key, type, id, goesDown = false } = orders[order];
  const conditions = [
    after &&
      `(${key}, ${id}) ${goesDown ? '<' : '>'}
      (${add(after[0])}::${type}, ${add(after[1])}::uuid)`,
    role !== undefined && `m.role = any(${add(namesOfRole(role))}::text[])`,
    suspended !== undefined && `m.suspended_at is ${suspended ? 'not null' : 'null'}`,
    search !== undefined && begins(add(search), add(search + last)),
  ].filter(Boolean);
  const direction = goesDown ? 'desc' : 'asc';
  const select = composedStatement(`
    select m.account_id, a.email, a.name, m.role, m.suspended_at is not null as suspended,
           m.joined_at, (${key})::text as key
      from organization_members m join accounts a on a.id = m.account_id
     where ${['m.organization_id = $1', ...conditions].join(' and ')}
     order by ${key} ${direction}, ${id} ${direction} limit ${add(limit)}`);
  return (await db.query<Row>(select, values)).map(toListed);
}

/** SQL: a name, a last name or the address begins with it. */
function begins(from: string, to: string): string {
  const within = (text: string) =>
    `(${text} collate "C" >= ${from} and ${text} collate "C" < ${to})`;
  const texts = ['lower(a.name)', `lower(substring(a.name from '[^ ]+$'))`, 'a.email'];
  return `(${texts.map(within).join(' or ')})`;
}

function toListed(row: Row): Listed<ListedMember> {
  const { account_id: accountId, email, name, role, suspended, joined_at: joinedAt, key } = row;
  const item = { accountId, email, name, role: organizationRoleToday(role), suspended, joinedAt };
  return { position: [key, accountId], item };
}
