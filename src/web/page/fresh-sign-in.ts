/**
 * Pages that change how an account is signed in to ask for a sign-in of the last ten minutes: whoever
 * sits down at a browser that was left open must not add a way in of their own.
 *
 * Source: OWASP ASVS 5 section 7.5.1; NIST SP 800-63B section 6.1.2.1 (another authenticator
 * is added at the level at which it will be used).
 *
 * @module
 */

import type Koa from 'koa';
import { byPasskey } from '../../accounts/authentication.ts';
import { listPasskeys } from '../../storage/people/passkeys.ts';
import { type PageParts, type SignedIn, seeOther } from './page-parts.ts';

const freshSeconds = 10 * 60;

/** Whether the person has proven who they are just now. */
function isFresh({ authenticatedAt }: Pick<SignedIn, 'authenticatedAt'>): boolean {
  return Date.now() - authenticatedAt.getTime() <= freshSeconds * 1000;
}

/** The page on which somebody who is signed in proves it again. @param next where they go on to. */
export function signInAgainPath(next: string): string {
  return `/sign-in?again=yes&next=${encodeURIComponent(next)}`;
}

/** What decides which proof is asked for. */
export interface ProofParts extends PageParts {
  /** The RP ID of the passkeys that are asked for; undefined: any fresh sign-in will do. */
  readonly provingParty: string | undefined;
}

/**
 * Whether the person has proven who they are just now, by a passkey where the account has one that works here:
 * with a stolen password nobody adds a way in of their own, or removes the one that resists them. Otherwise the
 * answer is made, and leads to sign-in and back.
 */
export async function provenOrSignInAgain(
  parts: ProofParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  next: string,
): Promise<boolean> {
  const path = await proofPath(parts, signedIn, next);
  if (path !== undefined) seeOther(ctx, path);
  return path === undefined;
}

/** @returns where the person proves who they are, and comes back to `next`; undefined: they have. */
export async function proofPath(
  parts: ProofParts,
  signedIn: SignedIn,
  next: string,
): Promise<string | undefined> {
  if (await hasProvingPasskey(parts, signedIn)) {
    const isProven = isFresh(signedIn) && signedIn.acr === byPasskey.acr;
    return isProven ? undefined : `${signInAgainPath(next)}&passkey=yes`;
  }
  return isFresh(signedIn) ? undefined : signInAgainPath(next);
}

/** Whether the account has a passkey that is asked for. */
export async function hasProvingPasskey(
  { db, provingParty }: ProofParts,
  { account }: Pick<SignedIn, 'account'>,
): Promise<boolean> {
  if (provingParty === undefined) return false;
  const passkeys = await listPasskeys(db, account.id);
  return passkeys.some(({ relyingParty }) => relyingParty === provingParty);
}
