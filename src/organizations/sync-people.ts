/**
 * The lines of a batch that speak of people: members, their leaving, and their roles on databases.
 *
 * @module
 */

import { newId } from '../lib/ids.ts';
import { databaseRoleToday, isAdministratorRole, memberRole } from '../members/roles.ts';
import type { Db } from '../storage/engine/database.ts';
import { deleteMember, findMember, type Member, updateMember } from '../storage/people/members.ts';
import { databaseRolesOf } from '../storage/tree/databases.ts';
import type { SyncedMember } from '../storage/tree/sync-rows.ts';
import { checkAdministratorStays } from './administrators.ts';
import { checkPersonName } from './names.ts';
import { type FieldFault, invalid, notFound } from './refusals.ts';
import type { LineOf, SubjectOf, SyncResult, Who } from './sync-lines.ts';
import { once, type State } from './sync-state.ts';
import { issuerOf, mayNotBind, subjectKey } from './sync-subjects.ts';

/** What is said of a line that makes an administrator, by a client that was not given the power. */
export const mayNotRaise: FieldFault = {
  field: 'role',
  message:
    'must not be that of an administrator: this service client was added without --administrators',
};

/** Somebody is a member, in this role. */
export async function applyMember(
  tx: Db,
  state: State,
  line: LineOf<'member'>,
): Promise<SyncResult> {
  const { organizationId, added } = state;
  const { role = memberRole } = line;
  if (isAdministratorRole(role) && !state.mayRaise) throw invalid(mayNotRaise);
  const name = line.name === undefined ? undefined : checkPersonName(line.name);
  const { member: found, connects } = personOf(state, { ...line, name });
  const { accountId } = found;
  once(state, `member ${accountId}`, 'member');
  if (found.status === 'deleted') throw notFound();
  await connects?.bind(tx);
  const connected = connects?.issuer;
  if (found.role === null) {
    added.members.push({ accountId, role });
    found.role = role;
    return { outcome: 'created', id: accountId, connected };
  }
  if (line.role === undefined || role === found.role) {
    const before = { role: found.role };
    return connected === undefined
      ? { outcome: 'unchanged', id: accountId }
      : { outcome: 'updated', id: accountId, before, connected };
  }
  const before = await findMember(tx, { organizationId, accountId });
  if (before === undefined) throw notFound();
  const after = { ...before, role };
  await checkStays(tx, state, before, after);
  await updateMember(tx, after);
  found.role = role;
  return { outcome: 'updated', id: accountId, before: { role: before.role }, connected };
}

/** Somebody is no member any more. */
export async function applyRemoval(
  tx: Db,
  state: State,
  { who }: LineOf<'member_removal'>,
): Promise<SyncResult> {
  const found = state.members.get(keyOf(state, who));
  if (found === undefined) return { outcome: 'absent' };
  const { accountId } = found;
  once(state, `member ${accountId}`, 'member');
  const at = { organizationId: state.organizationId, accountId };
  const before = await findMember(tx, at);
  if (before === undefined) return { outcome: 'unchanged', id: accountId };
  await checkStays(tx, state, before, undefined);
  await deleteMember(tx, at);
  found.role = null;
  // Their roles go with the row; those that earlier lines give are not stored yet.
  state.roles = state.roles.filter((role) => role.accountId !== accountId);
  const { role, suspended } = before;
  return { outcome: 'removed', id: accountId, before: { role, suspended } };
}

/** A member has this direct role on a database, or none. */
export async function applyDatabaseRole(
  tx: Db,
  state: State,
  { database, who, role }: LineOf<'database_role'>,
): Promise<SyncResult> {
  const { organizationId, databases, members, roles } = state;
  const stored = databases.get(database);
  if (stored?.organizationId !== organizationId) {
    throw invalid({ field: 'database', message: 'must be a database of this organization' });
  }
  const found = members.get(keyOf(state, who));
  if (found === undefined || found.role === null) {
    if (role === undefined) return found ? unchanged(found) : { outcome: 'absent' };
    const field = 'subject' in who ? 'subject' : 'member';
    throw invalid({ field, message: 'must be a member of this organization' });
  }
  const at = { databaseId: stored.id, accountId: found.accountId };
  once(state, `role ${at.databaseId} ${at.accountId}`, 'member');
  const { direct } = await databaseRolesOf(tx, { organizationId, ...at });
  const before = direct === undefined ? undefined : databaseRoleToday(direct);
  const after = role === undefined ? undefined : databaseRoleToday(role);
  if (before === after) return unchanged(found);
  roles.push({ ...at, role });
  if (before === undefined) return { outcome: 'created', id: found.accountId };
  const outcome = after === undefined ? 'removed' : 'updated';
  return { outcome, id: found.accountId, before: { database, role: before } };
}

/** An administrator whom an earlier line adds is not stored yet, and counts. */
async function checkStays(
  tx: Db,
  { added, members }: State,
  before: Member,
  after: Member | undefined,
): Promise<void> {
  const isOneAdded = added.members.some(
    ({ accountId, role }) =>
      isAdministratorRole(role) && members.get(accountId)?.status === 'active',
  );
  if (!isOneAdded) await checkAdministratorStays(tx, before, after);
}

/** Somebody whom a member line names. */
interface Named {
  readonly member: SyncedMember;
  /** Where a subject is to be theirs from now on; `bind` does it unless the account is new. */
  readonly connects?: { readonly issuer: string; bind(tx: Db): Promise<void> };
}

type NamedLine = Pick<LineOf<'member'>, 'who' | 'name'>;

function personOf(state: State, { who, name }: NamedLine): Named {
  const found = state.members.get(keyOf(state, who));
  if ('subject' in who) {
    if (!state.subjects.mayBind) throw invalid(mayNotBind);
    return found ? { member: found } : connect(state, who, name);
  }
  if (found !== undefined) return { member: found };
  if ('accountId' in who) throw invalid({ field: 'id', message: 'must be an account' });
  // The platform vouches that there is such a person, not that the address is proven.
  return { member: addAccount(state, who.email, { name, isProven: false }) };
}

/** The subject is named the first time: its account is that of the address, or a new one. */
function connect(state: State, who: SubjectOf, name: string | undefined): Named {
  const { members, added, subjects } = state;
  const from = issuerOf(subjects, who);
  const { issuer } = from;
  const { subject, email } = who;
  if (email === undefined) throw invalid(addressNeeded);
  const holder = members.get(email);
  if (holder === undefined) {
    const member = addAccount(state, email, { name, isProven: from.provesAddress(email) });
    added.identities.push({ issuer, subject, accountId: member.accountId });
    members.set(keyOf(state, who), member);
    return { member, connects: { issuer, bind: async () => undefined } };
  }
  const bind = async (tx: Db) => {
    const { accountId } = holder;
    const binding = { issuer, subject, accountId, email, name };
    const fault = await subjects.rules?.bind(tx, from, binding);
    if (fault !== undefined) throw invalid(fault);
    members.set(keyOf(state, who), holder);
  };
  return { member: holder, connects: { issuer, bind } };
}

const addressNeeded: FieldFault = {
  field: 'member',
  message: 'must be an e-mail address the first time that a subject is named',
};

function addAccount(
  { members, added }: State,
  email: string,
  { name = email.slice(0, 100), isProven }: { name: string | undefined; isProven: boolean },
): SyncedMember {
  const account = { id: newId(), email, name, isProven };
  added.accounts.push(account);
  const member = { accountId: account.id, email, status: 'active', role: null };
  members.set(email, member).set(account.id, member);
  return member;
}

function keyOf({ subjects }: State, who: Who): string {
  if ('subject' in who) return subjectKey(subjects, who);
  return 'email' in who ? who.email : who.accountId;
}

function unchanged({ accountId }: SyncedMember): SyncResult {
  return { outcome: 'unchanged', id: accountId };
}
