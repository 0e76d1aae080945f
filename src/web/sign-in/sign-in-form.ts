/**
 * The form of e-mail address and password, as both sign-in pages use it.
 *
 * @module
 */

import type Koa from 'koa';
import { type Authentication, byPasskey, byPassword } from '../../accounts/authentication.ts';
import { type PasskeyParts, signInByPasskey } from '../../accounts/passkeys/sign-in.ts';
import { type SignInResult, signIn } from '../../accounts/sign-in.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { normalizeEmail } from '../../lib/email-address.ts';
import type { Markup } from '../../lib/markup.ts';
import type { Messages } from '../../lib/messages.ts';
import type { ApplicationSummary } from '../../storage/clients/client-list.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { isPasskeyWanted } from '../../storage/people/passkeys.ts';
import { emailFault } from '../page/email-fault.ts';
import { PageError } from '../page/page-error.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import type { KnownDevices } from './known-devices.ts';
import { withReturn } from './link-return.ts';
import { noteDevice } from './note-device.ts';
import { passkeyRefusals } from './passkey-texts.ts';
import { minutesOf } from './password-texts.ts';
import { addressOf, type Destination, onlyWay, type WaysIn } from './ways-in.ts';

/** What the sign-in pages need beside what every page needs. */
export interface SignInParts extends PageParts {
  readonly knownDevices: KnownDevices;
  /** Who can make an account, see config.ts. */
  readonly signUp: 'invitation' | 'open' | 'off';
  /** Undefined: browsers make none for this issuer. */
  readonly passkeys: PasskeyParts | undefined;
  readonly waysIn: WaysIn;
}

/** What differs between the sign-in of an application's request and the one of our own pages. */
export interface SignInForm {
  /** Binds the form's token. */
  readonly purpose: string;
  /** Where the form is sent. */
  readonly action: string;
  readonly email?: string | undefined;
  /** The application to go on to. */
  readonly application?: ApplicationSummary | undefined;
  /** Where the sign-in goes on, whatever way is chosen. */
  readonly destination: Destination;
  /** Whether the request can be given up: then the application gets an error. */
  readonly isCancellable: boolean;
  /** Whether somebody was signed in until just now, on a page that goes on from here. */
  readonly isSignedOut?: boolean;
  /** Who is signed in (UUID) and proves it once more; undefined: anybody may come. */
  readonly again?: string | undefined;
  /**
   * Why the sign-in that there is does not do: `class` needs a passkey, `factors` two factors, `age` a new one,
   * `passkey` one by the passkey that the account has.
   */
  readonly stepUp?: 'class' | 'factors' | 'age' | 'passkey' | undefined;
}

/** Somebody who has proven who they are, and how. */
export interface Proven {
  readonly account: Account;
  readonly by: Authentication;
  /** Their browser can make passkeys, and they have neither one nor declined. */
  readonly isPasskeyOffered: boolean;
}

type Missing = Partial<Record<'email' | 'password', string>>;

/** Shows the form, or goes straight to the only way that there is. */
export async function openSignInForm(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
): Promise<void> {
  const needsPasskey = needsClass(form); // a provider that says no more would lead here for ever
  const straight = needsPasskey ? undefined : await onlyWay(parts.waysIn, form.destination);
  if (straight !== undefined) return seeOther(ctx, straight);
  await showSignIn(parts, ctx, form);
}

const needsClass = ({ stepUp }: SignInForm) => stepUp !== undefined && stepUp !== 'age';

/** Shows the form. */
async function showSignIn(
  { formTokens, messagesOf, passkeys, renderPage, signUp, waysIn }: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  shown: { readonly notice?: string | Markup; readonly errors?: Missing } = {},
): Promise<void> {
  const all = await waysIn.list();
  const ways = needsClass(form) ? all.filter((way) => way.saysClass) : all;
  renderPage(ctx, 'sign-in', {
    ...form,
    title: messagesOf(ctx).text(form.again ? 'sign-in.title-again' : 'sign-in.title'),
    canSignUp: signUp === 'open' && waysIn.hasPasswords && form.again === undefined,
    isAgain: form.again !== undefined,
    needsClass: needsClass(form),
    hasPasskeys: passkeys !== undefined && (waysIn.hasPasswords || needsClass(form)),
    isNarrow: true,
    isRefused: shown.notice !== undefined || shown.errors !== undefined,
    email: form.email ?? '',
    token: formTokens.issue(ctx, { purpose: form.purpose }),
    notice: shown.notice,
    errors: shown.errors ?? {},
    hasPasswords: waysIn.hasPasswords && form.stepUp !== 'passkey',
    canReset: waysIn.hasPasswords,
    reset: withReturn('/reset', form.destination),
    signUp: withReturn('/sign-up', form.destination),
    ways: ways.map((way) => ({ name: way.name, href: addressOf(way, form.destination) })),
  });
}

/**
 * Takes a form whose token was checked.
 *
 * @returns the account; undefined when the answer is already made: the form again, with the reason.
 * @throws {PageError} 403: this server takes no passwords.
 */
export async function takeSignIn(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  fields: URLSearchParams,
): Promise<Proven | undefined> {
  if (fields.get('credential')) return takePasskey(parts, ctx, form, fields);
  if (!parts.waysIn.hasPasswords) throw passwordsOff();
  if (form.stepUp === 'passkey') {
    return passkeyRefused(parts, ctx, form, parts.messagesOf(ctx).text('sign-in.passkey-only'));
  }
  const email = fields.get('email')?.trim() ?? '';
  const password = fields.get('password') ?? '';
  const again = { ...form, email };
  if (email === '' || password === '') {
    ctx.status = 422;
    await showSignIn(parts, ctx, again, {
      errors: missing(parts.messagesOf(ctx), email, password),
    });
    return undefined;
  }
  const fault = emailFault(parts.messagesOf(ctx), email);
  if (fault !== undefined) {
    ctx.status = 422;
    await showSignIn(parts, ctx, again, { errors: { email: fault } });
    return undefined;
  }
  const result = await signIn({
    db: parts.db,
    email,
    password,
    origin: parts.originOf(ctx),
    knownDevice: parts.knownDevices.idFor(ctx, normalizeEmail(email) ?? ''),
  });
  if (result.outcome !== 'signed_in') return refuse(parts, ctx, again, result);
  await noteDevice(parts, ctx, result.account);
  const canMake = parts.passkeys !== undefined && fields.get('can_passkey') === 'yes';
  const isPasskeyOffered = canMake && (await isPasskeyWanted(parts.db, result.account.id));
  return { account: result.account, by: byPassword, isPasskeyOffered };
}

async function takePasskey(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  fields: URLSearchParams,
): Promise<Proven | undefined> {
  const t = parts.messagesOf(ctx);
  if (parts.passkeys === undefined)
    return passkeyRefused(parts, ctx, form, t.text('passkey-form.invalid'));
  const result = await signInByPasskey({
    ...parts.passkeys,
    db: parts.db,
    response: fields.get('credential') ?? '',
    browserId: browserIdentity(parts.issuer).ensure(ctx),
    expectedAccountId: form.again,
    origin: parts.originOf(ctx),
  });
  if (result.outcome === 'throttled') return refuse(parts, ctx, form, result);
  if (result.outcome === 'refused') {
    const { host } = new URL(parts.issuer);
    return passkeyRefused(parts, ctx, form, t.text(passkeyRefusals[result.why], { host }));
  }
  await noteDevice(parts, ctx, result.account);
  return { account: result.account, by: byPasskey, isPasskeyOffered: false };
}

async function passkeyRefused(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  notice: string,
): Promise<undefined> {
  ctx.status = 422;
  ctx.state['reason'] = 'passkey refused';
  await showSignIn(parts, ctx, form, { notice });
  return undefined;
}

function missing(t: Messages, email: string, password: string): Missing {
  return {
    ...(email === '' ? { email: t.text('sign-in.email-missing') } : {}),
    ...(password === '' ? { password: t.text('sign-in.password-missing') } : {}),
  };
}

function passwordsOff(): PageError {
  return new PageError(403, {
    what: 'elsewhere.passwords-off',
    next: 'elsewhere.passwords-off-next',
  });
}

async function refuse(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  result: Exclude<SignInResult, { outcome: 'signed_in' }>,
): Promise<undefined> {
  const isThrottled = result.outcome === 'throttled';
  ctx.status = isThrottled ? 429 : 422;
  ctx.state['reason'] = isThrottled ? 'sign-in throttled' : 'wrong email or password';
  if (isThrottled) ctx.set('Retry-After', String(result.retryAfterSeconds));
  const t = parts.messagesOf(ctx);
  const notice = isThrottled ? throttledText(t, form, result) : t.text('sign-in.wrong');
  await showSignIn(parts, ctx, form, { notice });
}

/** The ways in that guessing does not close. */
function throttledText(
  t: Messages,
  { destination }: SignInForm,
  { retryAfterSeconds }: { readonly retryAfterSeconds: number },
): Markup {
  const minutes = minutesOf(retryAfterSeconds);
  return t.html('sign-in.throttled', { minutes }, { reset: withReturn('/reset', destination) });
}
