/**
 * The first page: what this is, and where to go.
 *
 * @module
 */

import type Router from '@koa/router';
import { strictRouter } from '../../lib/strict-router.ts';
import { currentAccount, type PageParts } from '../page/page-parts.ts';

/** `GET /`; `isDemo` adds the way to the demo. */
export function homeRoutes(parts: PageParts & { readonly isDemo: boolean }): Router {
  return strictRouter().get('/', async (ctx) => {
    const signedIn = await currentAccount(parts, ctx);
    const { isDemo } = parts;
    const title = parts.messagesOf(ctx).text('home.title');
    parts.renderPage(ctx, 'home', { title, account: signedIn?.account, isDemo });
  });
}
