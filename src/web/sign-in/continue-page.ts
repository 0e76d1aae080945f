/**
 * Where the mail leads that says "you already have an account".
 *
 *   GET /sign-in/continue/:id   303 to where one signs in: for the application's request, if this is the
 *                               browser that asked and the request still waits; changes nothing
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { isUuid } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { findLinkReturn } from '../../storage/people/account-links.ts';
import { seeOther } from '../page/page-parts.ts';
import type { LinkParts } from './link-pages.ts';
import { openReturn, signInOf } from './link-return.ts';
import type { Destination } from './ways-in.ts';

/** The route of that mail's link. */
export function continueRoutes(parts: LinkParts): Router {
  return strictRouter().get('/sign-in/continue/:id', async (ctx) =>
    seeOther(ctx, signInOf(await destinationOf(parts, ctx, ctx.params['id'] ?? ''))),
  );
}

async function destinationOf(
  parts: LinkParts,
  ctx: Koa.Context,
  id: string,
): Promise<Destination | undefined> {
  if (!isUuid(id)) return undefined;
  const destination = openReturn(parts, ctx, await findLinkReturn(parts.db, id));
  if (destination?.kind !== 'interaction') return destination;
  const isWaiting = (await parts.interactions.named(destination.uid).read(ctx)) !== undefined;
  return isWaiting ? destination : undefined;
}
