/**
 * The members of an organization.
 *
 *   GET  /organizations/:slug/members                       search, filters, order, page
 *   POST /organizations/:slug/members/:member/role          the role, from the list or the member's page
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { holdsRole } from '../../members/giving.ts';
import { isOrganizationRole, organizationRoles, roleName } from '../../members/roles.ts';
import { readInside } from '../../organizations/inside.ts';
import { changeMemberRole } from '../../organizations/members.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  type MemberOrder,
  memberOrders,
  searchMembers,
  searchTextOf,
} from '../../storage/people/member-search.ts';
import { findListedMember, type ListedMember } from '../../storage/people/members.ts';
import { PageError } from '../page/page-error.ts';
import type {
  ConsoleForm,
  ConsoleOrganization,
  ConsolePage,
  ConsoleParts,
  ConsoleRequest,
} from './console-page.ts';
import { seeDone } from './deeds.ts';
import { idAt, showConsole } from './frame.ts';
import { listedPage } from './list-page.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';

const section = 'members';

export const membersPages: readonly ConsolePage[] = [
  {
    method: 'GET',
    path: '/members',
    section,
    act: 'members.read',
    benched: ['?search=member-77', '?search=zz', '?order=name', '?order=newest&state=suspended'],
    open,
  },
  {
    method: 'POST',
    path: '/members/:member/role',
    section,
    act: 'member.role_changed',
    send: sendRole,
  },
];

/** What the address asks for; anything else counts as not asked. */
interface Wish {
  readonly search: string;
  readonly role: string;
  readonly state: string;
  readonly order: MemberOrder;
}

const states = ['active', 'suspended'];

function wishOf(query: URLSearchParams): Wish {
  const one = (name: string, known: readonly string[]) =>
    known.find((value) => value === query.get(name)) ?? '';
  return {
    search: (query.get('search') ?? '').trim().slice(0, 254),
    role: one('role', organizationRoles),
    state: one('state', states),
    order: memberOrders.find((order) => order === query.get('order')) ?? 'joined',
  };
}

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here, ctx } = request;
  const { id: organizationId } = here.organization;
  const wish = wishOf(ctx.URL.searchParams);
  const { search, role, state, order } = wish;
  const question = {
    search: searchTextOf(search),
    role: role === '' ? undefined : role,
    suspended: state === '' ? undefined : state === 'suspended',
    order,
  };
  const entrance = inOrganization(actor, 'members.read', { organizationId });
  const page = await readInside(parts.db, entrance, (tx) =>
    listedPage(parts, request, 'members', { ...wish }, (part) =>
      searchMembers(tx, organizationId, question, part),
    ),
  );
  const t = parts.messagesOf(ctx);
  showConsole(parts, request, 'console/members', {
    title: t.text('console.members'),
    section,
    wish,
    isFiltered: [search, role, state].some((text) => text !== ''),
    roles: organizationRoles.map((id) => ({ id, name: roleName(id, t.locale) })),
    orders: memberOrders.map((id) => ({ id, name: t.text(orderNames[id]) })),
    members: page.items.map((member) => memberView(t, request, member)),
    next: page.next,
    previous: page.first,
    back: ctx.search,
  });
}

const orderNames = {
  joined: 'console-members.by-joined',
  newest: 'console-members.by-newest',
  name: 'console-members.by-name',
  address: 'console-members.by-address',
} as const satisfies Readonly<Record<MemberOrder, string>>;

/** A member as a list shows them, and the roles that the reader may give them. */
export function memberView(
  t: Messages,
  { here, signedIn }: Pick<ConsoleRequest, 'here' | 'signedIn'>,
  member: ListedMember,
) {
  const id = printId('user', member.accountId);
  const isSelf = member.accountId === signedIn.account.id;
  return {
    ...member,
    id,
    href: `${here.base}/members/${id}`,
    roleName: roleName(member.role, t.locale),
    joinedAt: member.joinedAt.toISOString(),
    isSelf,
    seen: seenOf(statusOf(member)),
    roles: isSelf ? [] : rolesFor(t, here, member.role),
  };
}

/** What a form about a member is about. */
export const statusOf = ({ role, suspended }: Pick<ListedMember, 'role' | 'suspended'>) => ({
  role,
  suspended,
});

/** @returns the roles that the reader may give to somebody with that one; none where it is not theirs to change. */
function rolesFor(t: Messages, here: ConsoleOrganization, role: string) {
  const membership = { organizationRole: here.role, baseRole: here.organization.baseRole };
  if (!here.may('member.role_changed') || !holdsRole(membership, role)) return [];
  return organizationRoles
    .filter((one) => holdsRole(membership, one))
    .map((id) => ({ id, name: roleName(id, t.locale), isHeld: id === role }));
}

async function sendRole(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { actor, here, fields, ctx } = form;
  const at = { organizationId: here.organization.id, accountId: idAt(form, 'user', 'member') };
  const role = fields.get('role') ?? '';
  if (!isOrganizationRole(role)) {
    throw new PageError(422, {
      what: 'console-members.no-role',
      next: 'console-members.no-role-next',
    });
  }
  const t = parts.messagesOf(ctx);
  let old = '';
  const work = asSeen(form, async (tx) => {
    const now = await findListedMember(tx, at);
    old = now?.role ?? '';
    return now && statusOf(now);
  });
  const back = backOf(fields);
  try {
    const member = await changeMemberRole(work, actor, at, role);
    const values = { person: member.name, role: roleName(role, t.locale) };
    const path = `/members/${printId('user', at.accountId)}/role`;
    const undo = { path, fields: { role: old, [seenField]: seenOf(statusOf(member)), back } };
    seeDone(parts, form, back, { text: 'console-members.role-changed', values, undo });
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    await seeOutdated(parts, form, back);
  }
}

/** Where a form about a member came from: the list with its filters, or the member's own page. */
function backOf(fields: URLSearchParams): string {
  const back = fields.get('back') ?? '';
  if (/^\/members\/user_[0-9a-f]{32}$/.test(back)) return back;
  const query = new URLSearchParams(back.replace(/^\/members/, ''));
  query.delete('done');
  return query.size === 0 ? '/members' : `/members?${query}`;
}

/** Says how a member is now, to whoever sent a form about how they were. */
export async function seeOutdated(
  parts: ConsoleParts,
  form: ConsoleForm,
  back: string,
): Promise<void> {
  const { here, ctx } = form;
  const at = { organizationId: here.organization.id, accountId: idAt(form, 'user', 'member') };
  const now = await findListedMember(parts.db, at);
  if (now === undefined) {
    return seeDone(parts, form, '/members', {
      kind: 'warning',
      text: 'console-members.gone-meanwhile',
    });
  }
  const values = {
    person: now.name,
    role: roleName(now.role, parts.messagesOf(ctx).locale),
    state: now.suspended ? 'suspended' : 'active',
  };
  seeDone(parts, form, back, {
    kind: 'warning',
    text: 'console-members.changed-meanwhile',
    values,
  });
}
