/**
 * What the pages of links by mail have in common: asking for one, "check your mail", and what became
 * of a link.
 *
 * @module
 */

import type Koa from 'koa';
import { askForLink } from '../../accounts/ask-for-link.ts';
import { normalizeEmail } from '../../lib/email-address.ts';
import { sha256 } from '../../lib/secrets.ts';
import type { Interactions } from '../../provider/interactions.ts';
import { answerOnce } from '../page/answer-once.ts';
import { emailFault } from '../page/email-fault.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { keepLanguage, returnOf, sealReturn, signInOf, withReturn } from './link-return.ts';
import { waitText } from './password-texts.ts';
import type { SignInParts } from './sign-in-form.ts';
import type { Destination } from './ways-in.ts';

/** What the pages of links need beside the rest. */
export interface LinkParts extends SignInParts {
  readonly interactions: Interactions;
}

type Parts = Pick<PageParts, 'messagesOf' | 'renderPage'>;

/** The page of a link that does not work, by message keys. */
interface LinkOver {
  readonly status: number;
  readonly what: string;
  readonly next: string;
  /** The way on. */
  readonly href: string;
  readonly label: string;
}

/** Says what happened to a link, and the way on. */
export function showLinkOver({ messagesOf, renderPage }: Parts, ctx: Koa.Context, over: LinkOver) {
  const t = messagesOf(ctx);
  const { status, what, next, href, label } = over;
  ctx.status = status;
  const texts = { what: t.text(what), next: t.text(next), label: t.text(label) };
  renderPage(ctx, 'sign-in/link-over', {
    title: t.text('link.over'),
    isNarrow: true,
    href,
    ...texts,
  });
}

/** Says that a mail is on its way, if there is anybody to send it to; the same for every address. */
export async function showLinkSent(
  parts: LinkParts,
  ctx: Koa.Context,
  { text, path }: { readonly text: string; readonly path: string },
): Promise<void> {
  const { messagesOf, renderPage } = parts;
  const destination = returnOf(parts, ctx);
  await keepLanguage(parts, ctx, destination);
  const again = withReturn(path, destination);
  const t = messagesOf(ctx);
  renderPage(ctx, 'sign-in/link-sent', {
    title: t.text('link.sent'),
    isNarrow: true,
    text: t.text(text),
    again,
  });
}

/** The token in the address of a link's page. */
export function tokenOf(ctx: Koa.Context): string {
  const { token = '' } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  return token;
}

/** A page that asks for the address that a link goes to. */
export interface Asking {
  readonly kind: 'reset' | 'sign_up';
  /** What its form is for. */
  readonly purpose: string;
  readonly view: string;
  readonly path: string;
  /** Message keys. */
  readonly title: string;
  readonly fault: string;
}

/** Asks for an address. @param email what was typed. @param error what is wrong with it. */
export async function showAsking(
  parts: LinkParts,
  ctx: Koa.Context,
  { purpose, view, title, path }: Asking,
  email: string,
  error?: string,
): Promise<void> {
  const { formTokens, messagesOf, renderPage } = parts;
  const destination = returnOf(parts, ctx);
  await keepLanguage(parts, ctx, destination);
  renderPage(ctx, view, {
    action: withReturn(path, destination),
    signIn: signInOf(destination),
    title: messagesOf(ctx).text(title),
    isNarrow: true,
    isRefused: error !== undefined,
    email,
    error,
    token: formTokens.issue(ctx, { purpose }),
  });
}

/** Takes the form that asks: 303 to "check your mail", whoever has that address. */
export async function askByForm(parts: LinkParts, ctx: Koa.Context, asking: Asking): Promise<void> {
  const fields = await readForm(ctx);
  const { kind, purpose, path } = asking;
  parts.formTokens.check(ctx, { purpose }, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    const email = fields.get('email')?.trim() ?? '';
    const destination = returnOf(parts, ctx);
    await keepLanguage(parts, ctx, destination);
    const t = parts.messagesOf(ctx);
    const result = await askForLink({
      db: parts.db,
      kind,
      email,
      address: parts.originOf(ctx).address,
      knownDevice: parts.knownDevices.idFor(ctx, normalizeEmail(email) ?? ''),
      locale: t.locale,
      returnTo: sealReturn(parts, ctx, destination),
    });
    if (result.outcome === 'asked') return seeOther(ctx, sentAddress(path, destination));
    if (result.outcome === 'refused') {
      ctx.status = 422;
      return showAsking(parts, ctx, asking, email, emailFault(t, email, asking.fault));
    }
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    await showAsking(parts, ctx, asking, email, waitText(t, result.retryAfterSeconds));
  });
}

function sentAddress(path: string, destination: Destination | undefined): string {
  const address = withReturn(path, destination);
  return `${address}${address.includes('?') ? '&' : '?'}done=sent`;
}

/** A form behind a link serves that link alone. */
export function purposeOf({ purpose }: Asking, token: string): string {
  return `${purpose}:${sha256(token).toString('base64url')}`;
}
