/**
 * The mail that this process has sent, for whoever develops: its links work, so it is for nobody else.
 *
 *   GET /dev/mail           the last mails, newest first, with their texts
 *   GET /dev/mail/:number   one as a mail program shows it
 *
 * It answers a browser on this machine that asks for this machine by a name that nobody else can have:
 * not through a proxy or tunnel, and not under a name of a stranger's that leads here (DNS rebinding).
 *
 * Source: OWASP ASVS 5 section 13.4 (nothing of development is left open).
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type Router from '@koa/router';
import type Koa from 'koa';
import { escapeHtml, Markup } from '../../lib/markup.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { SentMails } from '../../mail/sent-mail.ts';
import type { PageParts } from '../page/page-parts.ts';

/** What the page needs beside the rest. */
export interface SentMailParts extends Pick<PageParts, 'renderPage' | 'messagesOf'> {
  readonly sentMails: SentMails;
}

/** The routes of the page. */
export function sentMailRoutes(parts: SentMailParts): Router {
  return strictRouter()
    .get('/dev/mail', (ctx) => list(parts, ctx))
    .get('/dev/mail/:number', (ctx) => show(parts, ctx));
}

function list({ messagesOf, renderPage, sentMails }: SentMailParts, ctx: Koa.Context): void {
  if (!isDeveloper(ctx.req)) return; // nobody answers: 404, as where there is no such page
  renderPage(ctx, 'development/sent-mail', {
    title: messagesOf(ctx).text('sent-mail.title'),
    mails: sentMails.list().map(({ number, sentAt, subject, text, to }) => ({
      number,
      sentAt: sentAt.toISOString(),
      subject,
      to,
      text: marked(text),
    })),
  });
}

function show({ sentMails }: SentMailParts, ctx: Koa.Context): void {
  if (!isDeveloper(ctx.req)) return;
  const { number } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  const mail = sentMails.list().find((one) => String(one.number) === number);
  if (mail === undefined) return;
  ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'html';
  ctx.body = mail.html;
}

const own = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;
const ownAddress = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/;
const ofProxies = /^(?:x-forwarded-.*|forwarded|via|x-real-ip)$/i;

/** Looks at the headers as they came: the host is the issuer's by now (provider/pinned-host.ts). */
function isDeveloper({ rawHeaders, socket }: IncomingMessage): boolean {
  const named = (name: RegExp) =>
    rawHeaders.filter((_, at) => at % 2 === 1 && name.test(rawHeaders[at - 1] ?? ''));
  const [host = '', ...others] = named(/^host$/i);
  const isHere = ownAddress.test(socket.remoteAddress ?? '') && named(ofProxies).length === 0;
  return isHere && others.length === 0 && own.test(host);
}

/** The text with its addresses as links. */
function marked(text: string): Markup {
  return new Markup(
    escapeHtml(text).replace(/https?:\/\/[^\s&<>]+/g, (link) => `<a href="${link}">${link}</a>`),
  );
}
