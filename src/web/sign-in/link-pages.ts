/**
 * What the pages of links by mail have in common: "check your mail", and what became of a link.
 *
 * @module
 */

import type Koa from 'koa';
import type { PageParts } from '../page/page-parts.ts';

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
export function showLinkSent(
  { messagesOf, renderPage }: Parts,
  ctx: Koa.Context,
  { text, again }: { readonly text: string; readonly again: string },
): void {
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
