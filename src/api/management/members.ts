/**
 * Members of an organization, and their invitations.
 *
 * @module
 */

import { z } from 'zod';
import { normalizeEmail } from '../../lib/email-address.ts';
import { memberRole } from '../../members/roles.ts';
import { readInside } from '../../organizations/inside.ts';
import {
  cancelInvitation,
  inInvitation,
  invite,
  resendInvitation,
} from '../../organizations/invitations.ts';
import {
  changeMemberRole,
  inMember,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../organizations/members.ts';
import { inOrganization } from '../../organizations/rights.ts';
import type { Db } from '../../storage/engine/database.ts';
import {
  findInvitation,
  type InvitationIds,
  listInvitations,
} from '../../storage/people/invitations.ts';
import { findListedMember, listMembers, type MemberIds } from '../../storage/people/members.ts';
import { listRolesOfMember } from '../../storage/tree/databases.ts';
import { listTeamsOfMember } from '../../storage/tree/teams.ts';
import { personOf } from './person.ts';
import { printGivenRole, printInvitation, printMember, printTeam } from './print.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const members = '/organizations/{organization}/members';
const member = `${members}/{member}` as const;
const invitations = '/organizations/{organization}/invitations';
const invitation = `${invitations}/{invitation}` as const;

async function current(db: Db, at: MemberIds) {
  const found = await findListedMember(db, at);
  return found && printMember(found);
}

async function currentInvitation(db: Db, at: InvitationIds) {
  const found = await findInvitation(db, at);
  return found && printInvitation(found);
}

export const memberRoutes = [
  listRoute({
    id: 'listMembers',
    address: `GET ${members}`,
    summary: 'The members, the first to join first',
    act: 'members.read',
    filters: {
      role: schemas.organizationRole.optional(),
      email: schemas.email.optional(),
      suspended: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional(),
    },
    item: schemas.member,
    select: ({ db, actor, at, query }, part) =>
      readInside(db, inOrganization(actor, 'members.read', at), async (tx) => {
        const { role, email: written, suspended } = query;
        const email = written === undefined ? undefined : (normalizeEmail(written) ?? '');
        return listMembers(tx, at.organizationId, { role, email, suspended }, part);
      }),
    print: printMember,
  }),
  route({
    id: 'readMember',
    address: `GET ${member}`,
    summary: 'Read a member',
    act: 'members.read',
    answer: schemas.member,
    run: ({ db, actor, at }) =>
      readInside(db, inMember(actor, 'members.read', at), async (_tx, { member }) => member),
    print: printMember,
  }),
  listRoute({
    id: 'listMemberTeams',
    address: `GET ${member}/teams`,
    summary: 'The teams that a member is in, by slug',
    act: 'teams.read',
    item: schemas.team,
    select: ({ db, actor, at }, part) =>
      readInside(db, inMember(actor, 'teams.read', at), (tx) => listTeamsOfMember(tx, at, part)),
    print: printTeam,
  }),
  listRoute({
    id: 'listMemberRoles',
    address: `GET ${member}/database-roles`,
    summary: 'The roles on databases that a member was given directly',
    act: 'database_roles.read',
    item: schemas.memberRole,
    select: ({ db, actor, at }, part) =>
      readInside(db, inMember(actor, 'database_roles.read', at), (tx) =>
        listRolesOfMember(tx, at, part),
      ),
    print: printGivenRole,
  }),
  route({
    id: 'changeMemberRole',
    address: `PATCH ${member}`,
    summary: "Change a member's role",
    description: 'Making someone Organization Administrator takes a browser session.',
    act: 'member.role_changed',
    conflicts: ['last_administrator'],
    body: z.strictObject({ role: schemas.organizationRole }),
    answer: schemas.member,
    run: ({ work, actor, at, body }) => changeMemberRole(work, actor, at, body.role),
    print: printMember,
    current,
  }),
  route({
    id: 'suspendMember',
    address: `POST ${member}/suspend`,
    summary: 'Take everything from a member until reinstated',
    act: 'member.suspended',
    conflicts: ['last_administrator'],
    answer: schemas.member,
    run: ({ work, actor, at }) => suspendMember(work, actor, at),
    print: printMember,
    current,
  }),
  route({
    id: 'reinstateMember',
    address: `POST ${member}/reinstate`,
    summary: 'Give a suspended member back what they had',
    act: 'member.reinstated',
    answer: schemas.member,
    run: ({ work, actor, at }) => reinstateMember(work, actor, at),
    print: printMember,
    current,
  }),
  route({
    id: 'removeMember',
    address: `DELETE ${member}`,
    summary: 'Remove a member with all roles, teams and consents there',
    act: 'member.removed',
    conflicts: ['last_administrator'],
    status: 204,
    run: ({ work, actor, at }) => removeMember(work, actor, at),
    current,
  }),
  route({
    id: 'leaveOrganization',
    address: 'POST /organizations/{organization}/leave',
    summary: 'Leave the organization',
    act: 'member.left',
    conflicts: ['last_administrator'],
    status: 204,
    run: ({ work, actor, at }) => leaveOrganization(work, personOf(actor), at.organizationId),
  }),
];

export const invitationRoutes = [
  listRoute({
    id: 'listInvitations',
    address: `GET ${invitations}`,
    summary: 'The open invitations, by address',
    act: 'invitations.read',
    item: schemas.invitation,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, 'invitations.read', at), (tx) =>
        listInvitations(tx, at.organizationId, part),
      ),
    print: printInvitation,
  }),
  route({
    id: 'invite',
    address: `POST ${invitations}`,
    summary: 'Invite an address for seven days; the mail goes out by itself',
    description: 'Inviting an Organization Administrator takes a browser session.',
    act: 'invitation.created',
    isLimited: true,
    conflicts: ['already_member', 'already_invited'],
    body: z.strictObject({
      email: schemas.email,
      role: schemas.organizationRole.default(memberRole),
    }),
    status: 201,
    answer: schemas.invitation,
    run: ({ work, actor, at, body }) => invite(work, personOf(actor), at.organizationId, body),
    print: printInvitation,
  }),
  route({
    id: 'readInvitation',
    address: `GET ${invitation}`,
    summary: 'Read an invitation',
    act: 'invitations.read',
    answer: schemas.invitation,
    run: ({ db, actor, at }) =>
      readInside(
        db,
        inInvitation(actor, 'invitations.read', at),
        async (_tx, { invitation }) => invitation,
      ),
    print: printInvitation,
  }),
  route({
    id: 'resendInvitation',
    address: `POST ${invitation}/resend`,
    summary: 'Send a new link, for seven days from now; the old one is dead',
    act: 'invitation.resent',
    isLimited: true,
    answer: schemas.invitation,
    run: ({ work, actor, at }) => resendInvitation(work, personOf(actor), at),
    print: printInvitation,
    current: currentInvitation,
  }),
  route({
    id: 'cancelInvitation',
    address: `DELETE ${invitation}`,
    summary: 'Take an invitation back',
    act: 'invitation.cancelled',
    status: 204,
    run: ({ work, actor, at }) => cancelInvitation(work, personOf(actor), at),
    current: currentInvitation,
  }),
];
