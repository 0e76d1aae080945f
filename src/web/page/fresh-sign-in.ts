/**
 * Pages that change how an account is signed in to ask for a sign-in of the last ten minutes: whoever
 * sits down at a browser that was left open must not add a way in of their own.
 *
 * Source: OWASP ASVS 5 section 7.5.1; NIST SP 800-63B section 4.2 (binding another authenticator).
 *
 * @module
 */

import type Koa from 'koa';
import { byPasskey } from '../../accounts/authentication.ts';
import type { RelyingParty } from '../../lib/relying-party.ts';
import type { Db } from '../../storage/engine/database.ts';
import { listPasskeys } from '../../storage/people/passkeys.ts';
import { type SignedIn, seeOther } from './page-parts.ts';

const freshSeconds = 10 * 60;

/** Whether the person has proven who they are just now. */
export function isFresh({ authenticatedAt }: Pick<SignedIn, 'authenticatedAt'>): boolean {
  return Date.now() - authenticatedAt.getTime() <= freshSeconds * 1000;
}

/** The page on which somebody who is signed in proves it again. @param next where they go on to. */
export function signInAgainPath(next: string): string {
  return `/sign-in?again=yes&next=${encodeURIComponent(next)}`;
}

/** @returns whether the sign-in is fresh; else the answer is made, and leads to sign-in and back. */
export function freshOrSignInAgain(ctx: Koa.Context, signedIn: SignedIn, next: string): boolean {
  const fresh = isFresh(signedIn);
  if (!fresh) seeOther(ctx, signInAgainPath(next));
  return fresh;
}

/** Who asks, and for whom browsers keep passkeys; undefined: they keep none for this issuer. */
export interface PasskeyAskers {
  readonly db: Db;
  readonly relyingParty: RelyingParty | undefined;
}

/**
 * As `freshOrSignInAgain`, and by a passkey where the account has one that works here: a password that was
 * stolen opens nothing then.
 */
export async function provenOrSignInAgain(
  askers: PasskeyAskers,
  ctx: Koa.Context,
  signedIn: SignedIn,
  next: string,
): Promise<boolean> {
  if (!(await hasPasskeyHere(askers, signedIn))) return freshOrSignInAgain(ctx, signedIn, next);
  if (isFresh(signedIn) && signedIn.acr === byPasskey.acr) return true;
  seeOther(ctx, `${signInAgainPath(next)}&passkey=yes`);
  return false;
}

async function hasPasskeyHere(
  { db, relyingParty }: PasskeyAskers,
  { account }: SignedIn,
): Promise<boolean> {
  if (relyingParty === undefined) return false;
  const passkeys = await listPasskeys(db, account.id);
  return passkeys.some((one) => one.relyingParty === relyingParty.id);
}
