/**
 * The page behind the link of an invitation.
 *
 *   GET  /invitations/:token           what it is; then, by who sits there: accept, sign in, sign up
 *   POST /invitations/:token           accept or decline, for whoever is signed in with its address
 *   POST /invitations/:token/sign-up   an account for its address, signed in, and accepted
 *
 * The link opens nothing by itself: only the account with the invited address joins. Whoever holds
 * it has read the mail, so it proves the address for a new account.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { byPassword } from '../../accounts/authentication.ts';
import { type SignUpResult, signUp } from '../../accounts/sign-up.ts';
import type { Messages } from '../../lib/messages.ts';
import { sha256 } from '../../lib/secrets.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { roleName } from '../../members/roles.ts';
import type { Person } from '../../organizations/actor.ts';
import { acceptInvitation, declineInvitation } from '../../organizations/answer-invitation.ts';
import { findOpenInvitation, type OpenInvitation } from '../../organizations/find-invitation.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import { guardedWork } from '../../storage/engine/work.ts';
import { findAccountWithPassword } from '../../storage/people/accounts.ts';
import { findInvitationAnswer } from '../../storage/people/invitations.ts';
import { listPasskeys } from '../../storage/people/passkeys.ts';
import type { ConsoleAddress } from '../console/addresses.ts';
import { answerOnce } from '../page/answer-once.ts';
import { PageError } from '../page/page-error.ts';
import {
  accountOfForm,
  currentAccount,
  type PageParts,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { tokenOf } from '../sign-in/link-pages.ts';
import { type DeviceParts, noteDevice } from '../sign-in/note-device.ts';
import { passwordFaults, waitText } from '../sign-in/password-texts.ts';
import { noInvitation, pageErrorOf, tooLate } from './invitation-errors.ts';

/** What the page needs beside the rest. */
export interface InvitationParts extends PageParts, DeviceParts {
  readonly addresses: Pick<ConsoleAddress, 'joined'>;
  /** Without passwords nobody signs up here: they sign in with the account they have elsewhere. */
  readonly hasPasswords: boolean;
  /** Who can make an account, see config.ts. */
  readonly signUp: 'invitation' | 'open' | 'off';
}

/** The routes of an invitation. */
export function invitationRoutes(parts: InvitationParts): Router {
  return strictRouter()
    .get('/invitations/:token', (ctx) => open(parts, ctx))
    .post('/invitations/:token', (ctx) => sendAnswer(parts, ctx))
    .post('/invitations/:token/sign-up', (ctx) => sendSignUp(parts, ctx));
}

/** An invitation and the token of its address. */
interface Held {
  readonly token: string;
  readonly invitation: OpenInvitation;
}

/** @throws {PageError} 404 there is none, 410 it has expired. */
async function findHeld({ db }: PageParts, ctx: Koa.Context): Promise<Held> {
  const token = tokenOf(ctx);
  const invitation = await findOpenInvitation(db, token);
  if (invitation === undefined) throw noInvitation();
  if (invitation.isExpired) throw tooLate();
  return { token, invitation };
}

async function open(parts: InvitationParts, ctx: Koa.Context): Promise<void> {
  await show(parts, ctx, await findHeld(parts, ctx), await currentAccount(parts, ctx));
}

type FieldErrors = Partial<Record<'name' | 'password', string>>;

/** What was typed into the form of a new account, and what is wrong with it. */
interface Typed {
  readonly name?: string;
  readonly errors?: FieldErrors;
}

async function show(
  { db, formTokens, hasPasswords, messagesOf, renderPage, signUp }: InvitationParts,
  ctx: Koa.Context,
  { token, invitation }: Held,
  signedIn: SignedIn | undefined,
  { name = '', errors = {} }: Typed = {},
): Promise<void> {
  const { email, organizationName, role } = invitation;
  const isKnown = !hasPasswords || (await hasWayIn(db, email));
  const account = signedIn?.account;
  const path = `/invitations/${token}`;
  renderPage(ctx, 'invitation', {
    title: messagesOf(ctx).text('join.title', { name: organizationName }),
    isNarrow: true,
    isRefused: Object.keys(errors).length > 0,
    account,
    email,
    role: roleName(role, messagesOf(ctx).locale),
    step: stepFor({ invited: email, signedIn: account?.email, isKnown, signUp }),
    path,
    signInPath: `/sign-in?next=${encodeURIComponent(path)}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(token), accountId: account?.id }),
    name,
    errors,
  });
}

/** Whether somebody can sign in with the address already. */
async function hasWayIn(db: Db, email: string): Promise<boolean> {
  const known = await findAccountWithPassword(db, { email });
  if (known === undefined || known.passwordHash !== undefined) return known !== undefined;
  return (await listPasskeys(db, known.account.id)).length > 0;
}

interface Reader extends Pick<InvitationParts, 'signUp'> {
  readonly invited: string;
  readonly signedIn: string | undefined;
  readonly isKnown: boolean;
}

/** What the reader can do: answer, sign out first, sign in first, sign up, or ask for an account. */
function stepFor({ invited, signedIn, isKnown, signUp }: Reader) {
  if (signedIn === invited) return 'answer';
  if (signedIn !== undefined) return 'other-account';
  if (isKnown) return 'sign-in';
  return signUp === 'off' ? 'closed' : 'sign-up';
}

async function sendAnswer(parts: InvitationParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  try {
    await sendFirstAnswer(parts, ctx, fields);
  } catch (error) {
    const first = error instanceof PageError ? await firstAnswer(parts, ctx) : undefined;
    if (first === undefined) throw error;
    const isIn = first === 'joined';
    seeOther(ctx, isIn ? await parts.addresses.joined(undefined) : '/account?done=declined');
  }
}

/** @returns what this person has answered already: a second submit gets that answer. */
async function firstAnswer(parts: PageParts, ctx: Koa.Context): Promise<string | undefined> {
  const token = tokenOf(ctx);
  const first = await findInvitationAnswer(parts.db, sha256(token));
  const signedIn = first && (await currentAccount(parts, ctx));
  return signedIn && signedIn.account.id === first?.accountId ? first.answer : undefined;
}

async function sendFirstAnswer(
  parts: InvitationParts,
  ctx: Koa.Context,
  fields: URLSearchParams,
): Promise<void> {
  const { token } = await findHeld(parts, ctx);
  const { account, work } = await accountOfForm(parts, ctx);
  const binding = { purpose: purposeOf(token), accountId: account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  const action = fields.get('action');
  if (action !== 'accept' && action !== 'decline') throw noAnswer();
  const isAccepted = action === 'accept';
  const joined = await answer(parts, work, ctx, account.id, token, isAccepted);
  seeOther(ctx, isAccepted ? await parts.addresses.joined(joined) : '/account?done=declined');
}

async function sendSignUp(parts: InvitationParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose: purposeOf(tokenOf(ctx)) }, fields.get('token'));
  if (!parts.hasPasswords) throw noPasswords();
  await answerOnce(parts, ctx, fields, () => takeSignUp(parts, ctx, fields));
}

async function takeSignUp(
  parts: InvitationParts,
  ctx: Koa.Context,
  fields: URLSearchParams,
): Promise<void> {
  const held = await findHeld(parts, ctx);
  if (parts.signUp === 'off') return show(parts, ctx, held, undefined);
  const { token, invitation } = held;
  const name = fields.get('name') ?? '';
  const result = await signUp({
    work: guardedWork(parts.db, (tx) => stillOpen(tx, token)),
    email: invitation.email,
    provesAddress: !invitation.isPrinted,
    name,
    password: fields.get('password') ?? '',
    origin: parts.originOf(ctx),
  });
  if (result.outcome !== 'signed_up') return refuse(parts, ctx, held, name, result);
  await noteDevice(parts, ctx, result.account, { isMailed: true });
  await parts.sessions.signIn(ctx, result.account, byPassword);
  const joined = await answer(parts, parts.db, ctx, result.account.id, token, true);
  seeOther(ctx, await parts.addresses.joined(joined));
}

/** The link proves the address for as long as it is open, also while a password is being hashed. */
async function stillOpen(tx: Db, token: string): Promise<void> {
  const invitation = await findOpenInvitation(tx, token);
  if (invitation === undefined) throw noInvitation();
  if (invitation.isExpired) throw tooLate();
}

function refuse(
  parts: InvitationParts,
  ctx: Koa.Context,
  held: Held,
  name: string,
  result: Exclude<SignUpResult, { outcome: 'signed_up' }>,
): Promise<void> {
  const t = parts.messagesOf(ctx);
  if (result.outcome === 'throttled') {
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    const password = waitText(t, result.retryAfterSeconds);
    return show(parts, ctx, held, undefined, { name, errors: { password } });
  }
  ctx.status = 422;
  return show(parts, ctx, held, undefined, { name, errors: faultsOf(t, result.why) });
}

/** Whoever has an account by now is shown the way to sign in instead. */
function faultsOf(t: Messages, why: (SignUpResult & { outcome: 'refused' })['why']): FieldErrors {
  if (why === 'has_account') return {};
  if (why === 'bad_name') return { name: t.text('join.name-fault') };
  return { password: t.text(passwordFaults[why]) };
}

/**
 * @returns the organization's id; undefined where the invitation was declined.
 * @throws {PageError} the invitation is over, or not for this account.
 */
async function answer(
  { originOf }: PageParts,
  work: Work,
  ctx: Koa.Context,
  accountId: string,
  token: string,
  isAccepted: boolean,
): Promise<string | undefined> {
  const actor: Person = { accountId, via: { kind: 'session' }, origin: originOf(ctx) };
  try {
    if (isAccepted) return await acceptInvitation(work, actor, token);
    await declineInvitation(work, actor, token);
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw pageErrorOf(error);
  }
}

function noPasswords(): PageError {
  return new PageError(403, {
    what: 'elsewhere.passwords-off',
    next: 'elsewhere.passwords-off-next',
  });
}

function noAnswer(): PageError {
  return new PageError(400, {
    what: 'join.unanswered',
    next: 'join.unanswered-next',
  });
}

/** A form serves one invitation. */
function purposeOf(token: string): string {
  return `invitation:${sha256(token).toString('base64url')}`;
}
