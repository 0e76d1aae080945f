/**
 * A new account by a link that was asked for on the sign-up page. Nothing is made before the link is
 * opened: an address that nobody has proven gets no account, no name and no password.
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { guardedWork } from '../storage/engine/work.ts';
import {
  type AccountLink,
  findAccountLink,
  takeAccountLink,
} from '../storage/people/account-links.ts';
import { type SignUp, type SignUpResult, signUp } from './sign-up.ts';

/** @returns the link; undefined for a token that was never one. */
export function readSignUpLink(db: Db, token: string): Promise<AccountLink | undefined> {
  return findAccountLink(db, 'sign_up', sha256(token));
}

/** The link was used or ended while its form was on the way. */
class LinkOverError extends Error {
  override readonly name = 'LinkOverError';
}

/** What somebody with a link has sent. */
interface SignUpByLink extends Pick<SignUp, 'name' | 'password' | 'origin'> {
  readonly db: Database;
  readonly token: string;
}

type SignedUp = Extract<SignUpResult, { outcome: 'signed_up' }>;

export type SignUpByLinkResult =
  | Exclude<SignUpResult, SignedUp>
  | (SignedUp & {
      /** Where to go on to, sealed for the browser that asked. */
      readonly returnTo: Buffer | undefined;
    })
  | { readonly outcome: 'over' };

/**
 * Makes the account; the link works once.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export async function signUpByLink({
  db,
  token,
  ...attempt
}: SignUpByLink): Promise<SignUpByLinkResult> {
  const link = await readSignUpLink(db, token);
  if (link?.state !== 'open') return { outcome: 'over' };
  const work = guardedWork(db, async (tx) => {
    if (!(await takeAccountLink(tx, 'sign_up', sha256(token)))) throw new LinkOverError();
  });
  try {
    const result = await signUp({ ...attempt, work, email: link.email, provesAddress: true });
    return result.outcome === 'signed_up' ? { ...result, returnTo: link.returnTo } : result;
  } catch (error) {
    if (error instanceof LinkOverError) return { outcome: 'over' };
    throw error;
  }
}
