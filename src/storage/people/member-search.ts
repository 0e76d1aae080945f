/**
 * The members of an organization as people look for them: by the beginnings of words of a name or an address,
 * by role, in an order of their choice, part by part.
 *
 * @module
 */

import { namesOfRole, type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { composedStatement, type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import type { ListedMember } from './members.ts';

/** The first to join first, the last first, by name, by address. */
export const memberOrders = ['joined', 'newest', 'name', 'address'] as const;
export type MemberOrder = (typeof memberOrders)[number];

/** Which members; what is undefined does not matter. */
export interface MemberQuestion {
  readonly role?: OrganizationRole | undefined;
  readonly suspended?: boolean | undefined;
  /** The beginning of a name, of a last name or of an address; or of some of their words, in any order. */
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

/** The first key of an order, its type, and the second one, which orders equals. */
const orders: Readonly<
  Record<MemberOrder, { key: string; type: string; id: string; goesDown?: boolean }>
> = {
  joined: { key: 'm.joined_at', type: 'timestamptz', id: 'm.account_id' },
  newest: { key: 'm.joined_at', type: 'timestamptz', id: 'm.account_id', goesDown: true },
  name: { key: 'lower(a.name) collate "C"', type: 'text', id: 'a.id' },
  address: { key: 'a.email collate "C"', type: 'text', id: 'a.id' },
};

/** What sorts after everything that begins with the same characters. */
const last = '\u{10ffff}';

/** SQL: a text lies between two others, in the order of characters. */
const within = (text: string, from: string, to: string) =>
  `(${text} collate "C" >= ${from} and ${text} collate "C" < ${to})`;

/** What can begin with what is looked for; each has an index. */
const texts = ['lower(a.name)', `lower(substring(a.name from '[^ ]+$'))`, 'a.email'];
const accounts = statement(
  texts
    .map((text) => `(select a.id from accounts a where ${within(text, '$1', '$2')} limit $3)`)
    .join(' union '),
);

/** So many are looked up by their ids; more are so common that they are soon found in any order. */
const mostLookedUp = 5_000;

/** SQL: name and address, their marks blanks, or `a.b@c.test` were one word. */
const plain = `translate(lower(a.name) || ' ' || a.email, '.,;:@_+-/''"()&<>=*!#|~', repeat(' ', 22))`;
/** The expression has an index. */
const accountsOfWords = statement(
  `select a.id from accounts a where to_tsvector('simple', ${plain}) @@ $1::tsquery limit $2`,
);
/** More would not be read by that index, but by computing what is in it. */
const mostOfWords = 2_000;

/** @returns the words of a search; a word of it begins one of a name or an address. */
function wordsOf(search: string): string[] {
  return search.split(/[\s!-/:-@[-`{-~]+/).filter((word) => word !== '');
}

/** @returns the accounts that are meant by it; undefined where there are very many. */
async function accountsMeant(db: Db, search: string): Promise<string[] | undefined> {
  const begin = await db.query<{ id: string }>(accounts, [search, search + last, mostLookedUp]);
  if (begin.length >= mostLookedUp) return undefined;
  const query = wordsOf(search).map((word) => `'${word}':*`);
  const more =
    query.length === 0
      ? []
      : await db.query<{ id: string }>(accountsOfWords, [query.join(' & '), mostOfWords]);
  if (more.length >= mostOfWords) return undefined;
  return [...new Set([...begin, ...more].map(({ id }) => id))];
}

/** @returns what was typed as a search, in the form that names and addresses have here; undefined: nothing. */
export function searchTextOf(typed: string): string | undefined {
  return typed === ''
    ? undefined
    : typed
        .toLowerCase()
        .normalize('NFC')
        .replace(/\p{Cc}/gu, ' ');
}

/** @returns the members that fit, and the position of each. */
export async function searchMembers(
  db: Db,
  organizationId: string,
  { role, suspended, search, order }: MemberQuestion,
  { after, limit }: Part,
): Promise<Listed<ListedMember>[]> {
  const values: unknown[] = [organizationId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const { key, type, id, goesDown = false } = orders[order];
  const known = search === undefined ? undefined : await accountsMeant(db, search);
  if (known?.length === 0) return [];
  const conditions = [
    after &&
      `(${key}, ${id}) ${goesDown ? '<' : '>'}
      (${add(after[0])}::${type}, ${add(after[1])}::uuid)`,
    role !== undefined && `m.role = any(${add(namesOfRole(role))}::text[])`,
    suspended !== undefined && `m.suspended_at is ${suspended ? 'not null' : 'null'}`,
    known !== undefined && `a.id = any(${add(known)}::uuid[])`,
    search !== undefined && known === undefined && meant(search, add),
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

/** SQL: a name, a last name or the address begins with it, or all of its words begin one of theirs. */
function meant(search: string, add: (value: unknown) => string): string {
  const [from, to] = [add(search), add(search + last)];
  const beginnings = texts.map((text) => within(text, from, to));
  // Words hold no mark, hence none that `like` knows.
  const each = wordsOf(search).map((word) => `' ' || ${plain} like ${add(`% ${word}%`)}`);
  return `(${[...beginnings, ...(each.length > 0 ? [`(${each.join(' and ')})`] : [])].join(' or ')})`;
}

function toListed(row: Row): Listed<ListedMember> {
  const { account_id: accountId, email, name, role, suspended, joined_at: joinedAt, key } = row;
  const item = { accountId, email, name, role: organizationRoleToday(role), suspended, joinedAt };
  return { position: [key, accountId], item };
}
