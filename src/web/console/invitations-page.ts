/**
 * The invitations of an organization.
 *
 *   GET  /organizations/:slug/members/invitations                       who is invited, and the form
 *   POST /organizations/:slug/members/invitations                       invites many at once, a result each
 *   POST /organizations/:slug/members/invitations/:invitation/resend    a new link for seven days
 *   POST /organizations/:slug/members/invitations/:invitation/cancel
 *
 * @module
 */

import { asciiForm, normalizeEmail } from '../../lib/email-address.ts';
import type { Messages } from '../../lib/messages.ts';
import { holdsRole } from '../../members/giving.ts';
import {
  isOrganizationRole,
  memberRole,
  organizationRoles,
  roleName,
} from '../../members/roles.ts';
import { readInside } from '../../organizations/inside.ts';
import {
  cancelInvitation,
  inInvitation,
  invite,
  parseInvitationId,
  printInvitationId,
  resendInvitation,
} from '../../organizations/invitations.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { type Invitation, listInvitations } from '../../storage/people/invitations.ts';
import { PageError } from '../page/page-error.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { type Deed, type DeedLine, seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { listedPage } from './list-page.ts';
import { nothingThere } from './refusal-texts.ts';

const section = 'members';
const path = '/members/invitations';

/** Room for so many addresses of the greatest length. */
const mostAtOnce = 50;
const mostBytes = 32 * 1024;

export const invitationsPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act: 'invitations.read', open },
  { method: 'POST', path, section, act: 'invitation.created', mostBytes, send: sendMany },
  {
    method: 'POST',
    path: `${path}/:invitation/resend`,
    section,
    act: 'invitation.resent',
    send: sendAgain,
  },
  {
    method: 'POST',
    path: `${path}/:invitation/cancel`,
    section,
    act: 'invitation.cancelled',
    send: sendCancel,
  },
];

/** What was typed and could not be taken. */
interface Typed {
  readonly addresses: string;
  readonly role: string;
  readonly error?: string;
}

function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  return show(parts, request, { addresses: '', role: memberRole });
}

async function show(parts: ConsoleParts, request: ConsoleRequest, typed: Typed): Promise<void> {
  const { actor, here, ctx } = request;
  const { id: organizationId, baseRole } = here.organization;
  const entrance = inOrganization(actor, 'invitations.read', { organizationId });
  const page = await readInside(parts.db, entrance, (tx) =>
    listedPage(parts, request, 'invitations', {}, (part) =>
      listInvitations(tx, organizationId, part),
    ),
  );
  const t = parts.messagesOf(ctx);
  const membership = { organizationRole: here.role, baseRole };
  showConsole(parts, request, 'console/invitations', {
    title: t.text('console-invitations.title'),
    section,
    isRefused: typed.error !== undefined,
    typed,
    most: mostAtOnce,
    roles: organizationRoles
      .filter((role) => holdsRole(membership, role))
      .map((id) => ({ value: id, name: roleName(id, t.locale), isChosen: id === typed.role })),
    invitations: page.items.map((one) => invitationView(t, one)),
    next: page.next,
    previous: page.first,
  });
}

function invitationView(t: Messages, { id, email, role, expiresAt, isExpired }: Invitation) {
  const printed = printInvitationId(id);
  const roleNamed = roleName(role, t.locale);
  return {
    email,
    isExpired,
    role: roleNamed,
    expiresAt: expiresAt.toISOString(),
    path: `${path}/${printed}`,
  };
}

async function sendMany(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { fields, ctx } = form;
  const addresses = fields.get('addresses') ?? '';
  const role = fields.get('role') ?? '';
  const t = parts.messagesOf(ctx);
  const lines = addresses.split(/[\s,;]+/).filter((line) => line !== '');
  const error =
    lines.length === 0
      ? 'console-invitations.no-address'
      : lines.length > mostAtOnce
        ? 'console-invitations.too-many'
        : undefined;
  if (error !== undefined || !isOrganizationRole(role)) {
    ctx.status = 422;
    const said = t.text(error ?? 'console-members.no-role', {
      most: mostAtOnce,
      count: lines.length,
    });
    return show(parts, form, { addresses, role, error: said });
  }
  const results: DeedLine[] = [];
  for (const line of new Set(lines)) results.push(await inviteOne(form, line, role));
  const invited = results.filter(({ text }) => text === 'console-invitations.invited').length;
  const deed: Deed = {
    kind: invited < results.length ? 'warning' : undefined,
    text: 'console-invitations.done',
    values: { invited, all: results.length },
    lines: results,
  };
  seeDone(parts, form, path, deed);
}

/** @returns what came of one address. @throws {RefusedError} `forbidden`; `not_found`. */
async function inviteOne(form: ConsoleForm, written: string, role: string): Promise<DeedLine> {
  const { sender, actor, here } = form;
  const email = normalizeEmail(written);
  const said = (text: string) => ({ text, values: { email: email ?? written.slice(0, 100) } });
  if (email === undefined) {
    const address = asciiForm(written);
    return address === undefined
      ? said('console-invitations.not-an-address')
      : { text: 'console-invitations.not-ascii', values: { email: written, address } };
  }
  try {
    await invite(sender.work, actor, here.organization.id, { email, role });
    return said('console-invitations.invited');
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { refusal } = error;
    if (refusal.code === 'throttled') return said('console-invitations.throttled');
    if (refusal.code === 'invalid') return said('console-invitations.not-an-address');
    if (refusal.code !== 'conflict') throw error;
    const isMember = refusal.reason === 'already_member';
    return said(
      isMember ? 'console-invitations.already-member' : 'console-invitations.already-invited',
    );
  }
}

function idsOf({ ctx, here }: ConsoleForm) {
  const invitationId = parseInvitationId(ctx['params'].invitation ?? '');
  if (invitationId === undefined) throw nothingThere();
  return { organizationId: here.organization.id, invitationId };
}

async function sendAgain(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { email } = await unlessAnswered(() =>
    resendInvitation(form.sender.work, form.actor, idsOf(form)),
  );
  seeDone(parts, form, path, { text: 'console-invitations.sent-again', values: { email } });
}

async function sendCancel(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const entrance = inInvitation(form.actor, 'invitation.cancelled', at);
  await unlessAnswered(async () => {
    const { email } = await readInside(parts.db, entrance, async (_tx, here) => here.invitation);
    await cancelInvitation(form.sender.work, form.actor, at);
    seeDone(parts, form, path, { text: 'console-invitations.cancelled', values: { email } });
  });
}

/** It was there when the form was shown; the person has answered, or somebody else has cancelled it. */
async function unlessAnswered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isGone = error instanceof RefusedError && error.refusal.code === 'not_found';
    if (!isGone) throw error;
    throw new PageError(404, {
      what: 'console-invitations.gone',
      next: 'console-invitations.gone-next',
    });
  }
}
