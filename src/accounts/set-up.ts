/**
 * Setting a password by a one-time link that an operator printed.
 *
 *     find the link -> count the attempt -> judge the password -> hash
 *     -> use the link, set the password, end the sessions: all or nothing
 *
 * The link proves that an operator meant this person, not that they read mail at the address: the
 * address stays as unproven as it was.
 *
 * Source: OWASP ASVS 5 sections 6.4.1 (initial secrets) and 7.4.3 (sessions after a new password).
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import { type Account, setPasswordHash } from '../storage/people/accounts.ts';
import { deleteOtherSessions, holdAccount } from '../storage/people/sessions.ts';
import {
  findSetUpLink,
  insertSetUpLink,
  type SetUpLink,
  type SetUpLinkState,
  takeSetUpLink,
} from '../storage/people/set-up-links.ts';
import { networkOf } from './network.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import { hashPassword } from './password-hashing.ts';
import { limit, takeAttempt } from './throttle.ts';

const ttlSeconds = 24 * 60 * 60;
const perAddress = 30;

/** A link to be printed; its token is stored nowhere. */
export interface IssuedSetUpLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Makes a link for 24 hours; one that was made before is over. @returns undefined: not active. */
export async function issueSetUpLink(
  tx: Db,
  accountId: string,
): Promise<IssuedSetUpLink | undefined> {
  const token = randomSecret('usher_setup_');
  const expiresAt = await insertSetUpLink(tx, { hash: sha256(token), accountId, ttlSeconds });
  return expiresAt && { token, expiresAt };
}

/** What the page behind a link shows. @returns undefined for a token that was never one. */
export function readSetUpLink(db: Db, token: string): Promise<SetUpLink | undefined> {
  return findSetUpLink(db, sha256(token));
}

/** What somebody with a link has sent. */
export interface SetUp {
  readonly db: Database;
  readonly token: string;
  readonly password: string;
  readonly origin: Origin;
}

export type SetUpResult =
  | { readonly outcome: 'set'; readonly account: Pick<Account, 'id' | 'signInEpoch'> }
  | { readonly outcome: 'refused'; readonly why: NewPasswordFault }
  | { readonly outcome: 'over'; readonly state: Exclude<SetUpLinkState, 'open'> | 'unknown' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Sets the password and ends every session of the account; the link works once.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export async function setUp(attempt: SetUp): Promise<SetUpResult> {
  const { db, token, password, origin } = attempt;
  const link = await readSetUpLink(db, token);
  if (link?.state !== 'open') return { outcome: 'over', state: link?.state ?? 'unknown' };
  const limits = [limit(perAddress, 'set-up', 'address', networkOf(origin.address ?? ''))];
  const wait = await takeAttempt(db, limits);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const why = await judgeNewPassword(password, link);
  if (why !== undefined) return { outcome: 'refused', why };
  return take(attempt, link.accountId, await hashPassword(password));
}

async function take(
  { db, token, origin }: SetUp,
  accountId: string,
  passwordHash: string,
): Promise<SetUpResult> {
  const account = await db.transaction(async (tx) => {
    await holdAccount(tx, accountId); // before its links, as everyone does who ends them
    const id = await takeSetUpLink(tx, sha256(token));
    if (id === undefined || !(await setPasswordHash(tx, id, passwordHash))) return undefined;
    await endAccountLinks(tx, id);
    const { ended, signInEpoch } = await deleteOtherSessions(tx, id, undefined);
    await recordAuditEvent(tx, {
      action: 'password.set_up',
      actorAccountId: id,
      subject: printId('user', id),
      after: { ended_sessions: ended },
      origin,
    });
    return { id, signInEpoch };
  });
  if (account !== undefined) return { outcome: 'set', account };
  const state = (await readSetUpLink(db, token))?.state;
  return { outcome: 'over', state: state === undefined || state === 'open' ? 'unknown' : state };
}
