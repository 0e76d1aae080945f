/**
 * `invitation ...`: invitations to organizations, in the name of an operator.
 *
 * Without a mail server, `--print-link` shows the link. Whoever holds a printed link has not proven
 * the address by it, so the account's address stays unproven.
 *
 * @module
 */

import { type Actor, asOperator } from '../applications/as-operator.ts';
import { newId } from '../lib/ids.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import { administratorRole, memberRole } from '../members/roles.ts';
import { invitationMail } from '../organizations/invitation-mail.ts';
import { invitationTtlSeconds, printInvitationId } from '../organizations/invitations.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  deleteInvitation,
  findInvitationByEmail,
  type Invitation,
  insertInvitation,
  listInvitationsOf,
  renewInvitation,
  setPrintedToken,
} from '../storage/people/invitations.ts';
import { dropMail, putMail } from '../storage/people/mail-outbox.ts';
import { isMemberByEmail } from '../storage/people/members.ts';
import { lockOrganization } from '../storage/tree/organizations.ts';
import { actorOf, emailOf } from './acting.ts';
import { organizationOption, ownerOf } from './clients.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';

const options = {
  organization: { ...organizationOption.organization, help: 'the organization (required)' },
} as const;

export const invitation: Subject = {
  summary: 'Invitations to organizations.',
  commands: {
    add: {
      summary: 'invite an address for seven days, or renew its invitation; by mail or printed',
      words: ['EMAIL'],
      options: {
        ...options,
        admin: { help: 'as an Organization Administrator; without it as a member' },
        'print-link': { help: 'print the link instead of sending a mail' },
      },
      byOperator: true,
      example: 'invitation add bob@example.com --organization acme --print-link',
      run: add,
    },
    list: {
      summary: 'list the open invitations of an organization',
      words: [],
      options,
      byOperator: true,
      example: 'invitation list --organization acme',
      run: list,
    },
    remove: {
      summary: 'cancel an invitation: its link stops working',
      words: ['EMAIL'],
      options,
      byOperator: true,
      example: 'invitation remove bob@example.com --organization acme',
      run: remove,
    },
  },
};

async function organizationOf(context: Context, given: Given): Promise<string> {
  const id = await ownerOf(context, given);
  if (id === undefined) throw new CommandError('Name the organization: --organization SLUG');
  return id;
}

async function add(context: Context, given: Given): Promise<Result> {
  const email = emailOf(given.words[0] ?? '');
  const organizationId = await organizationOf(context, given);
  const actor = await actorOf(context, given);
  const role = given.has('admin') ? administratorRole : memberRole;
  const act = { action: 'invitation.created', subject: email };
  return asOperator<Result>(context.database, actor, act, async (tx, record) => {
    await lockOrganization(tx, organizationId);
    if (await isMemberByEmail(tx, organizationId, email)) {
      return { outcome: 'refused', reason: `${email} is a member already` };
    }
    const stored = await store(tx, actor, { organizationId, email, role });
    const after = { email, role, printed: given.has('print-link') };
    await record({ organizationId, after });
    const sent = given.has('print-link')
      ? { link: `${context.issuer}/invitations/${await printToken(tx, stored)}` }
      : await mailed(tx, stored);
    const { id, expiresAt } = stored;
    return {
      outcome: 'created',
      invitation: printInvitationId(id),
      expires_at: expiresAt,
      ...sent,
    };
  });
}

/** A new invitation instead of the one that the address has, whose link is dead then. */
async function store(
  tx: Db,
  { accountId: invitedBy }: Actor,
  wanted: Pick<Invitation, 'organizationId' | 'email' | 'role'>,
): Promise<Invitation> {
  const open = await findInvitationByEmail(tx, wanted.organizationId, wanted.email);
  const ttlSeconds = invitationTtlSeconds;
  if (open?.role === wanted.role) {
    const renewed = await renewInvitation(tx, open, { invitedBy, ttlSeconds });
    if (renewed !== undefined) return renewed;
  }
  if (open !== undefined) await deleteInvitation(tx, open);
  const made = await insertInvitation(tx, { ...wanted, id: newId(), invitedBy, ttlSeconds });
  if (made === undefined) throw new CommandError(`${wanted.email} was invited at this moment`);
  return made;
}

async function printToken(tx: Db, { id }: Invitation): Promise<string> {
  const token = randomSecret('usher_inv_');
  await dropMail(tx, invitationMail, id); // a mail sent later would replace the printed link
  await setPrintedToken(tx, id, sha256(token));
  return token;
}

async function mailed(tx: Db, { id }: Invitation) {
  await putMail(tx, invitationMail, id);
  return {
    note: 'A mail goes out as soon as Usher runs with SMTP_URL; --print-link prints a link',
  };
}

async function list(context: Context, given: Given): Promise<Result> {
  const organizationId = await organizationOf(context, given);
  const act = { action: 'invitation.listed', subject: 'invitation' };
  return asOperator<Result>(context.database, await actorOf(context, given), act, async (tx) => ({
    outcome: 'listed',
    invitations: (await listInvitationsOf(tx, organizationId)).map(
      ({ id, email, role, expiresAt, isExpired }) => ({
        email,
        role,
        expires_at: expiresAt,
        expired: isExpired,
        id: printInvitationId(id),
      }),
    ),
  }));
}

async function remove(context: Context, given: Given): Promise<Result> {
  const email = emailOf(given.words[0] ?? '');
  const organizationId = await organizationOf(context, given);
  const act = { action: 'invitation.cancelled', subject: email };
  const actor = await actorOf(context, given);
  return asOperator<Result>(context.database, actor, act, async (tx, record) => {
    await lockOrganization(tx, organizationId);
    const found = await findInvitationByEmail(tx, organizationId, email);
    if (found === undefined) return { outcome: 'unknown_invitation' };
    await deleteInvitation(tx, found);
    await record({ organizationId, before: { email, role: found.role } });
    return { outcome: 'deleted' };
  });
}
