/**
 * The browser's session: one for our own pages and for authorization requests.
 *
 * @module
 */

import type Koa from 'koa';
import type { Provider } from 'oidc-provider';
import type { Authentication } from '../accounts/authentication.ts';
import { parseId, printId } from '../lib/ids.ts';
import type { Origin } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  type Account,
  findSignedInAccount,
  type SignedInAccount,
} from '../storage/people/accounts.ts';
import { endOldestSessions, holdForSignIn } from '../storage/people/sessions.ts';
import { sessionOf } from './library-internals.ts';
import { sessionSeconds } from './lifetimes.ts';
import { inRequestTransaction } from './request-transaction.ts';
import { noteUse } from './session-use.ts';

/** A session in which somebody is signed in. */
export interface CurrentSession extends SignedInAccount {
  /** UUID. */
  readonly accountId: string;
  /** Names the session. */
  readonly uid: string;
  /** When they last proved who they are. */
  readonly authenticatedAt: Date;
  /** By what class of sign-in, see accounts/authentication.ts. */
  readonly acr: string | undefined;
  /** By what methods. */
  readonly amr: readonly string[];
}

/** Who sits at the browser. */
export interface BrowserSessions {
  /** @returns undefined when nobody is signed in, or the account is not active. */
  current(ctx: Koa.Context): Promise<CurrentSession | undefined>;
  /**
   * Starts a session under a new id; one that was there before ends, and of too many the oldest.
   *
   * @param alongside is done in the same transaction.
   * @returns false when it is too late: the account is not active, or all its sessions were ended
   *   since it was read.
   */
  signIn(
    ctx: Koa.Context,
    account: Pick<Account, 'id' | 'signInEpoch'>,
    by: Authentication,
    alongside?: (tx: Db, sessionUid: string) => Promise<void>,
  ): Promise<boolean>;
  signOut(ctx: Koa.Context): Promise<void>;
}

/** The sessions that a provider keeps, by its cookie. */
export function createBrowserSessions(
  provider: Provider,
  db: Database,
  originOf: (ctx: Koa.Context) => Origin,
): BrowserSessions {
  return {
    async current(ctx) {
      const {
        accountId: printed,
        uid,
        loginTs = 0,
        acr,
        amr = [],
      } = await sessionOf(provider, ctx);
      const accountId = parseId('user', printed ?? '');
      if (accountId === undefined) return undefined;
      const found = await findSignedInAccount(db, accountId);
      if (found === undefined) return undefined;
      await noteUse(db, uid, originOf(ctx));
      return { ...found, accountId, uid, authenticatedAt: new Date(loginTs * 1000), acr, amr };
    },

    async signIn(ctx, account, { acr, amr }, alongside) {
      const session = new provider.Session();
      session.loginAccount({ accountId: printId('user', account.id), acr, amr: [...amr] });
      const ending = await inRequestTransaction(db, async (tx) => {
        if (!(await holdForSignIn(tx, account))) return 'rollback';
        await (await sessionOf(provider, ctx)).destroy();
        await session.save(sessionSeconds(session));
        await alongside?.(tx, session.uid);
        await endOldestSessions(tx, account.id);
        return 'commit';
      });
      if (ending !== 'commit') return false;
      setCookie(provider, ctx, session.jti, new Date((session.exp ?? 0) * 1000));
      return true;
    },

    async signOut(ctx) {
      await (await sessionOf(provider, ctx)).destroy();
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
