/**
 * The form of e-mail address and password, as both sign-in pages use it.
 *
 * @module
 */

import type Koa from 'koa';
import { type SignInResult, signIn } from '../../accounts/sign-in.ts';
import { normalizeEmail } from '../../lib/email-address.ts';
import type { Messages } from '../../lib/messages.ts';
import type { ApplicationSummary } from '../../storage/clients/client-list.ts';
import type { Account } from '../../storage/people/accounts.ts';
import type { PageParts } from '../page/page-parts.ts';
import type { KnownDevices } from './known-devices.ts';
import { waitText } from './password-texts.ts';

/** What the sign-in pages need beside what every page needs. */
export interface SignInParts extends PageParts {
  readonly knownDevices: KnownDevices;
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
  /** Whether the request can be given up: then the application is told. */
  readonly isCancellable: boolean;
}

type Missing = Partial<Record<'email' | 'password', string>>;

/** Shows the form. */
export function showSignIn(
  { formTokens, messagesOf, renderPage }: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  told: { readonly notice?: string; readonly errors?: Missing } = {},
): void {
  renderPage(ctx, 'sign-in', {
    ...form,
    title: messagesOf(ctx).text('sign-in.title'),
    isNarrow: true,
    isRefused: told.notice !== undefined || told.errors !== undefined,
    email: form.email ?? '',
    token: formTokens.issue(ctx, { purpose: form.purpose }),
    notice: told.notice,
    errors: told.errors ?? {},
  });
}

/**
 * Takes a form whose token was checked.
 *
 * @returns the account; undefined when the answer is already made: the form again, with the reason.
 */
export async function takeSignIn(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  fields: URLSearchParams,
): Promise<Account | undefined> {
  const email = fields.get('email')?.trim() ?? '';
  const password = fields.get('password') ?? '';
  const again = { ...form, email };
  if (email === '' || password === '') {
    ctx.status = 422;
    showSignIn(parts, ctx, again, { errors: missing(parts.messagesOf(ctx), email, password) });
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
  parts.knownDevices.remember(ctx, result.account.email);
  return result.account;
}

function missing(t: Messages, email: string, password: string): Missing {
  return {
    ...(email === '' ? { email: t.text('sign-in.email-missing') } : {}),
    ...(password === '' ? { password: t.text('sign-in.password-missing') } : {}),
  };
}

function refuse(
  parts: SignInParts,
  ctx: Koa.Context,
  form: SignInForm,
  result: Exclude<SignInResult, { outcome: 'signed_in' }>,
): undefined {
  const isThrottled = result.outcome === 'throttled';
  ctx.status = isThrottled ? 429 : 422;
  ctx.state['reason'] = isThrottled ? 'sign-in throttled' : 'wrong email or password';
  if (isThrottled) ctx.set('Retry-After', String(result.retryAfterSeconds));
  const t = parts.messagesOf(ctx);
  const notice = isThrottled ? waitText(t, result.retryAfterSeconds) : t.text('sign-in.wrong');
  showSignIn(parts, ctx, form, { notice });
}
