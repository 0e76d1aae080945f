/**
 * One member of an organization.
 *
 *   GET  /organizations/:slug/members/:member             rights and where they come from, teams, databases, apps
 *   POST /organizations/:slug/members/:member/suspend     takes everything until reinstated
 *   POST /organizations/:slug/members/:member/reinstate   gives it back
 *   POST /organizations/:slug/members/:member/remove      for good
 *
 * @module
 */

import { isSubset } from '../../catalogue/name-set.ts';
import { permissionSet } from '../../catalogue/permission-set.ts';
import { permissions } from '../../catalogue/permissions.ts';
import { permissionWords } from '../../catalogue/words.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { holdsRole } from '../../members/giving.ts';
import {
  databasePermissions,
  noDatabaseRoles,
  organizationPermissions,
} from '../../members/permissions.ts';
import { baseRoleName, isAdministratorRole, roleName } from '../../members/roles.ts';
import type { Actor } from '../../organizations/actor.ts';
import { readInside } from '../../organizations/inside.ts';
import {
  inMember,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../organizations/members.ts';
import type { Work } from '../../storage/engine/database.ts';
import { type MemberHoldings, memberHoldings } from '../../storage/people/member-holdings.ts';
import {
  findListedMember,
  type ListedMember,
  type MemberIds,
} from '../../storage/people/members.ts';
import type {
  ConsoleForm,
  ConsoleOrganization,
  ConsolePage,
  ConsoleParts,
  ConsoleRequest,
} from './console-page.ts';
import { seeDone } from './deeds.ts';
import { idAt, showConsole } from './frame.ts';
import { memberView, seeOutdated, statusOf } from './members-page.ts';
import { recentEvents } from './recent-events.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';

const section = 'members';
const path = '/members/:member';

export const memberPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act: 'members.read', open },
  {
    method: 'POST',
    path: `${path}/suspend`,
    section,
    act: 'member.suspended',
    send: (parts, form) => sendChange(parts, form, suspend),
  },
  {
    method: 'POST',
    path: `${path}/reinstate`,
    section,
    act: 'member.reinstated',
    send: (parts, form) => sendChange(parts, form, reinstate),
  },
  { method: 'POST', path: `${path}/remove`, section, act: 'member.removed', send: sendRemoval },
];

/** More of each than anybody looks through on this page. */
const mostListed = 30;

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { actor, here } = request;
  const at = idsOf(request);
  const entrance = inMember(actor, 'members.read', at);
  const subject = printId('user', at.accountId);
  const { member, holdings, events } = await readInside(
    parts.db,
    entrance,
    async (tx, { member }) => {
      const isOwn = at.accountId === actor.accountId;
      const maySee = isOwn || (here.may('database_roles.read') && here.may('teams.read'));
      const about = [{ actorAccountId: at.accountId }, { subject }];
      return {
        member,
        holdings: maySee ? await memberHoldings(tx, at, mostListed) : undefined,
        events: await recentEvents(parts, request, tx, about),
      };
    },
  );
  const t = parts.messagesOf(request.ctx);
  const view = memberView(t, request, member);
  showConsole(parts, request, 'console/member', {
    title: member.name,
    section,
    member: view,
    isChangeable: view.roles.length > 0,
    mayRemove: here.may('member.removed') && isBelow(here, member) && !view.isSelf,
    path: `/members/${view.id}`,
    holdings: holdings && holdingsView(t, holdings),
    rights: rightsOf(t, here, member),
    events,
  });
}

function idsOf(request: ConsoleRequest): MemberIds {
  const accountId = idAt(request, 'user', 'member');
  return { organizationId: request.here.organization.id, accountId };
}

/** Whether the reader holds all that the member's role gives: then it is theirs to change. */
function isBelow({ role, organization: { baseRole } }: ConsoleOrganization, member: ListedMember) {
  return holdsRole({ organizationRole: role, baseRole }, member.role);
}

function holdingsView(t: Messages, { databases, teams, applications }: MemberHoldings) {
  return {
    databases: databases.items.map(({ slug, role }) => ({ slug, role: roleName(role, t.locale) })),
    teams: teams.items,
    applications: applications.items,
    more: {
      databases: databases.count - databases.items.length,
      teams: teams.count - teams.items.length,
      applications: applications.count - applications.items.length,
    },
    counts: {
      roleCount: databases.count,
      teamCount: teams.count,
      appCount: applications.count,
    },
  };
}

/** What the member may do by what holds everywhere in the organization, by where it comes from. */
function rightsOf(
  t: Messages,
  { organization: { baseRole } }: ConsoleOrganization,
  member: ListedMember,
) {
  const membership = { organizationRole: member.role, baseRole };
  const here = organizationPermissions(membership);
  const everywhere = databasePermissions(membership, noDatabaseRoles);
  const labels = (on: 'organization' | 'database', held: typeof here) =>
    permissions
      .filter((one) => one.on === on && isSubset(permissionSet([one.id]), held))
      .map((one) => permissionWords(one, t.locale));
  const isAdministrator = isAdministratorRole(member.role);
  const role = roleName(member.role, t.locale);
  return {
    isAdministrator,
    role,
    baseRole: baseRoleName(baseRole, t.locale),
    onOrganization: labels('organization', here),
    onDatabases: labels('database', everywhere),
  };
}

/** A change of a member's status, what is said of it, and the form that undoes it. */
interface Change {
  readonly run: (work: Work, actor: Actor, at: MemberIds) => Promise<ListedMember>;
  readonly text: string;
  readonly undo: string;
}

const suspend: Change = {
  run: suspendMember,
  text: 'console-member.was-suspended',
  undo: 'reinstate',
};
const reinstate: Change = {
  run: reinstateMember,
  text: 'console-member.was-reinstated',
  undo: 'suspend',
};

async function sendChange(
  parts: ConsoleParts,
  form: ConsoleForm,
  { run, text, undo }: Change,
): Promise<void> {
  const at = idsOf(form);
  const path = `/members/${printId('user', at.accountId)}`;
  await unlessOutdated(parts, form, at, async (work) => {
    const member = await run(work, form.actor, at);
    const fields = { [seenField]: seenOf(statusOf(member)) };
    const values = { person: member.name };
    seeDone(parts, form, path, { text, values, undo: { path: `${path}/${undo}`, fields } });
  });
}

async function sendRemoval(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const member = await findListedMember(parts.db, at);
  await unlessOutdated(parts, form, at, async (work) => {
    await removeMember(work, form.actor, at);
    const values = { person: member?.name ?? '' };
    seeDone(parts, form, '/members', { text: 'console-member.was-removed', values });
  });
}

async function unlessOutdated(
  parts: ConsoleParts,
  form: ConsoleForm,
  at: MemberIds,
  act: (work: Work) => Promise<void>,
): Promise<void> {
  const work = asSeen(form, async (tx) => {
    const now = await findListedMember(tx, at);
    return now && statusOf(now);
  });
  try {
    await act(work);
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    await seeOutdated(parts, form, `/members/${printId('user', at.accountId)}`);
  }
}
