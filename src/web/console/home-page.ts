/**
 * The organizations of a person.
 *
 *   GET /organizations
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { roleName } from '../../members/roles.ts';
import { ownOrganizations } from '../../storage/tree/organizations.ts';
import { accountOrSignIn, type PageParts } from '../page/page-parts.ts';
import { baseOf } from './frame.ts';

/** More than anybody looks through on one page. */
const mostListed = 200;

/** `GET /organizations`. */
export function organizationsRoutes(parts: PageParts): Router {
  return strictRouter().get('/organizations', (ctx) => open(parts, ctx));
}

async function open(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const { account } = signedIn;
  const t = parts.messagesOf(ctx);
  const own = await ownOrganizations(parts.db, account.id, '', mostListed);
  parts.renderPage(ctx, 'console/home', {
    title: t.text('console-home.title'),
    account,
    isWide: true,
    organizations: own.map(({ organization: { name, slug }, role }) => ({
      name,
      slug,
      href: baseOf(slug),
      role: roleName(role, t.locale),
    })),
  });
}
