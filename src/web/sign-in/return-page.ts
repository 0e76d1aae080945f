/**
 * The last page of an authorization that a form of ours took part in: it goes on to the application by
 * a refresh, at once, and by a link where the browser asks for a click (schemes of applications).
 *
 * The address holds the code, so the page is kept by nobody, runs no script and names no referrer.
 *
 * @module
 */

import type Koa from 'koa';
import type { MessagesOf, RenderPage } from '../page/render-page.ts';

/** Shows the page. @param address the application's redirect URI with the answer in its query. */
export function renderReturn(
  parts: { readonly renderPage: RenderPage; readonly messagesOf: MessagesOf },
  ctx: Koa.Context,
  address: string,
): void {
  const { host, protocol } = new URL(address);
  const destination = protocol.startsWith('http') ? host : protocol.slice(0, -1);
  const title = parts.messagesOf(ctx).text('return.title', { destination });
  parts.renderPage(ctx, 'return', { title, isNarrow: true, destination, refresh: address });
}
