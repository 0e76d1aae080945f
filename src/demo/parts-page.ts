/**
 * `GET /demo/parts`: every part of a page in each of its states, to look at and to test.
 *
 * @module
 */

import type Koa from 'koa';
import type { DemoParts } from './demo-parts.ts';

/** Shows the page; its times are fixed, so that pictures of it can be compared. */
export function showParts({ messagesOf, renderPage }: DemoParts, ctx: Koa.Context): void {
  const title = messagesOf(ctx).text('demo-parts.title');
  renderPage(ctx, 'demo-parts', { title, isWide: true, at: '2026-01-31T08:30:00.000Z' });
}
