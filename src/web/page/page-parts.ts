/**
 * What the pages of a signed-in person are made with.
 *
 * @module
 */

import type Koa from 'koa';
import type { BrowserSessions } from '../../provider/browser-sessions.ts';
import type { Origin } from '../../storage/audit/audit-log.ts';
import type { Database, Work } from '../../storage/engine/database.ts';
import { guardedWork } from '../../storage/engine/work.ts';
import type { SignedInAccount } from '../../storage/people/accounts.ts';
import { holdSession } from '../../storage/people/held-authority.ts';
import type { FormTokens } from './form-token.ts';
import { SignedOutError } from './page-error.ts';
import {
  keepSurroundings,
  type MessagesOf,
  type RenderPage,
  showToOperator,
} from './render-page.ts';

/** Made once in app.ts, and given to each page's routes. */
export interface PageParts {
  readonly issuer: string;
  readonly db: Database;
  readonly renderPage: RenderPage;
  readonly messagesOf: MessagesOf;
  readonly formTokens: FormTokens;
  readonly sessions: BrowserSessions;
  /** Where a request comes from, see client-address.ts. */
  readonly originOf: (ctx: Koa.Context) => Origin;
}

/** Who sits at the browser, and in which session. */
export interface SignedIn extends SignedInAccount {
  readonly sessionUid: string;
  /** When they last proved who they are. */
  readonly authenticatedAt: Date;
  /** By what class of sign-in, see accounts/authentication.ts. */
  readonly acr: string | undefined;
  /** By what methods. */
  readonly amr: readonly string[];
}

/** @returns undefined when nobody is signed in, or the account is no longer active. */
export async function currentAccount(
  { sessions }: Pick<PageParts, 'sessions'>,
  ctx: Koa.Context,
): Promise<SignedIn | undefined> {
  const session = await sessions.current(ctx);
  if (session === undefined) return undefined;
  const { account, isOperator, uid: sessionUid, authenticatedAt, acr, amr } = session;
  if (isOperator) showToOperator(ctx);
  return { account, isOperator, sessionUid, authenticatedAt, acr, amr };
}

/**
 * For a page that needs somebody: sends a visitor to sign in and back here.
 *
 * @returns undefined when the answer is already made.
 */
export async function accountOrSignIn(
  parts: PageParts,
  ctx: Koa.Context,
): Promise<SignedIn | undefined> {
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) seeOther(ctx, `/sign-in?next=${encodeURIComponent(ctx.url)}`);
  else keepSurroundings(ctx, { account: signedIn.account });
  return signedIn;
}

/** Who sends a form, and by which session. */
export interface Sender extends SignedIn {
  /**
   * For what the form asks for: it begins with the question whether the session lives, for a
   * password may take a while to check. Throws the same error.
   */
  readonly work: Work;
}

/**
 * For a form that needs somebody. Called once the form has been read.
 *
 * @throws {SignedOutError} nobody is signed in.
 */
export async function accountOfForm(parts: PageParts, ctx: Koa.Context): Promise<Sender> {
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) throw new SignedOutError();
  const { account, sessionUid: uid } = signedIn;
  keepSurroundings(ctx, { account });
  const work = guardedWork(parts.db, async (tx) => {
    if (!(await holdSession(tx, { uid, accountId: account.id }))) throw new SignedOutError();
  });
  return { ...signedIn, work };
}

/** Sends the browser on with GET, whatever it sent (RFC 9700 section 4.12: never 307). */
export function seeOther(ctx: Koa.Context, address: string): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(address);
  ctx.status = 303;
}
