/**
 * The browser's session: one for our own pages and for authorization requests.
 *
 * @module
 */

import type Koa from 'koa';
import type { Provider, Session } from 'oidc-provider';
import { parseId, printId } from '../lib/ids.ts';
import { findActiveAccount } from '../storage/account-claims.ts';
import type { Db } from '../storage/database.ts';
import { ttl } from './lifetimes.ts';

/** Who sits at the browser. */
export interface BrowserSessions {
  /** @returns the signed-in account (UUID) if it is active; `uid` names the session. */
  current(ctx: Koa.Context): Promise<{ accountId: string; uid: string } | undefined>;
  /** Starts a session under a new id; one that was there before ends. */
  signIn(ctx: Koa.Context, accountId: string): Promise<void>;
  signOut(ctx: Koa.Context): Promise<void>;
}

/** The sessions that a provider keeps, by its cookie. */
export function createBrowserSessions(provider: Provider, db: Db): BrowserSessions {
  const load = (ctx: Koa.Context) => provider.Session.get(ctx as never) as Promise<Session>;
  return {
    async current(ctx) {
      const { accountId: printed, uid } = await load(ctx);
      const accountId = parseId('user', printed ?? '');
      if (accountId === undefined) return undefined;
      return (await findActiveAccount(db, accountId)) && { accountId, uid };
    },

    async signIn(ctx, accountId) {
      await (await load(ctx)).destroy();
      const session = new provider.Session();
      session.loginAccount({ accountId: printId('user', accountId) });
      await session.save(ttl.Session(undefined as never, session));
      setCookie(provider, ctx, session.jti, new Date((session.exp ?? 0) * 1000));
    },

    async signOut(ctx) {
      await (await load(ctx)).destroy();
      setCookie(provider, ctx, null, undefined);
    },
  };
}

function setCookie(provider: Provider, ctx: Koa.Context, id: string | null, expires?: Date): void {
  const { cookies } = provider.createContext(ctx.req, ctx.res);
  cookies.set(provider.cookieName('session'), id, {
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
    secure: provider.issuer.startsWith('https:'),
    ...(expires === undefined ? {} : { expires }),
  });
}
