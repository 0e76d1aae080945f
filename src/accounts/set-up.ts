/**
 * Setting a password, or adding a passkey, by a one-time link that an operator printed, or that went out by
 * mail to the first operator.
 *
 *     find the link -> count the attempt -> judge the password, hash | verify the passkey
 *     -> use the link, set the password or add the passkey, end the sessions: all or nothing
 *
 * A printed link proves that an operator meant this person, not that they read mail at the address: the
 * address stays as unproven as it was. One that went out by mail proves the address at the moment it is used.
 *
 * Source: OWASP ASVS 5 sections 6.4.1 (initial secrets) and 7.4.3 (sessions after a new password).
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { networkOf } from '../lib/network.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import { type Account, lockAccount, setPasswordHash } from '../storage/people/accounts.ts';
import { addOperator, holdInvitedFirst } from '../storage/people/operators.ts';
import { deleteOtherSessions, holdAccount } from '../storage/people/sessions.ts';
import {
  findSetUpLink,
  insertSetUpLink,
  type SetUpLink,
  type SetUpLinkState,
  takeSetUpLink,
} from '../storage/people/set-up-links.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import {
  keepPasskey,
  type NewPasskeyWish,
  type RegistrationRefusal,
  verifyNewPasskey,
} from './passkeys/registration.ts';
import { hashPassword } from './password-hashing.ts';
import { limit, takeAttempt } from './throttle.ts';
import { takeOverUnproven } from './unproven-account.ts';

/** How long a link lasts. */
export const setUpSeconds = 24 * 60 * 60;
const perAddress = 30;

/** A link to be printed; its token is stored nowhere. */
export interface IssuedSetUpLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Makes a link for 24 hours; one that was made before is over.
 *
 * @param way how it gets to the person: by mail alone it proves the address.
 * @returns undefined: the account is not active.
 */
export async function issueSetUpLink(
  tx: Db,
  accountId: string,
  way: 'printed' | 'mailed' = 'printed',
): Promise<IssuedSetUpLink | undefined> {
  const token = randomSecret('usher_setup_');
  const provesAddress = way === 'mailed';
  const link = { hash: sha256(token), accountId, ttlSeconds: setUpSeconds, provesAddress };
  const expiresAt = await insertSetUpLink(tx, link);
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

/** What somebody with a link has sent to add a passkey. */
export type PasskeySetUp = Pick<SetUp, 'db' | 'token'> & Omit<NewPasskeyWish, 'work' | 'accountId'>;

/** What came of it; `why` says what was wrong with what was sent. */
export type SetUpResult<Why = NewPasswordFault> =
  | { readonly outcome: 'set'; readonly account: Pick<Account, 'id' | 'signInEpoch'> }
  | { readonly outcome: 'refused'; readonly why: Why }
  | { readonly outcome: 'over'; readonly state: Exclude<SetUpLinkState, 'open'> | 'unknown' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Sets the password and ends every session of the account; the link works once.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export function setUp(attempt: SetUp): Promise<SetUpResult> {
  return withLink<NewPasswordFault>(attempt, async (link) => {
    const { password } = attempt;
    const why = await judgeNewPassword(password, link);
    if (why !== undefined) return { why };
    const hash = await hashPassword(password);
    const give = async (tx: Db) => {
      if (!(await setPasswordHash(tx, link.accountId, hash))) throw new TakenBack();
      return undefined;
    };
    return { action: 'password.set_up', give };
  });
}

/** Adds the passkey and ends every session of the account; the link works once. */
export function setUpPasskey(attempt: PasskeySetUp): Promise<SetUpResult<RegistrationRefusal>> {
  return withLink<RegistrationRefusal>(attempt, async ({ accountId }) => {
    const wish = { ...attempt, work: attempt.db, accountId };
    const verified = await verifyNewPasskey(wish);
    if (typeof verified === 'string') return { why: verified };
    return { action: 'passkey.set_up', give: (tx) => keepPasskey(tx, wish, verified) };
  });
}

type LinkUse = Pick<SetUp, 'db' | 'token' | 'origin'>;

/** A way in that was looked at, or why it cannot be one. */
type Prepared<Why> =
  | { readonly why: Why }
  | {
      /** What the audit trail calls it. */
      readonly action: string;
      /** Gives it to the account. @returns why it did not; then the link is as it was. */
      give(tx: Db): Promise<Why | undefined>;
    };

async function withLink<Why>(
  use: LinkUse,
  prepare: (link: SetUpLink) => Promise<Prepared<Why>>,
): Promise<SetUpResult<Why>> {
  const { db, token, origin } = use;
  const link = await readSetUpLink(db, token);
  if (link?.state !== 'open') return { outcome: 'over', state: link?.state ?? 'unknown' };
  const limits = [limit(perAddress, 'set-up', 'address', networkOf(origin.address ?? ''))];
  const wait = await takeAttempt(db, limits);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const prepared = await prepare(link);
  if ('why' in prepared) return { outcome: 'refused', why: prepared.why };
  const taken = await take(use, link.accountId, prepared);
  if (taken !== undefined) return taken;
  const state = (await readSetUpLink(db, token))?.state;
  return { outcome: 'over', state: state === undefined || state === 'open' ? 'unknown' : state };
}

/** Rolls back what was done with a link. */
class TakenBack extends Error {}

/** @returns undefined when the link is over. */
async function take<Why>(
  { db, token, origin }: LinkUse,
  accountId: string,
  { action, give }: Extract<Prepared<Why>, { action: string }>,
): Promise<SetUpResult<Why> | undefined> {
  let why: Why | undefined;
  const taking = db.run(async (tx): Promise<SetUpResult<Why> | undefined> => {
    await holdAccount(tx, accountId); // before its links, as everyone does who ends them
    const taken = await takeSetUpLink(tx, sha256(token));
    if (taken === undefined) return undefined;
    const id = taken.accountId;
    if (taken.provesAddress) await proveByMail(tx, id, origin);
    why = await give(tx);
    if (why !== undefined) throw new TakenBack();
    await nameIfInvited(tx, taken);
    await endAccountLinks(tx, id);
    const { ended, signInEpoch } = await deleteOtherSessions(tx, id, undefined);
    await recordAuditEvent(tx, {
      action,
      actorAccountId: id,
      subject: printId('user', id),
      after: { ended_sessions: ended },
      origin,
    });
    return { outcome: 'set', account: { id, signInEpoch } };
  });
  return taking.catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error;
    return why === undefined ? undefined : { outcome: 'refused', why };
  });
}

/** Whoever made the account may be anybody: they keep nothing of what they set up there. */
async function proveByMail(tx: Db, id: string, origin: Origin): Promise<void> {
  const isProven = (await lockAccount(tx, { id }))?.account.emailVerifiedAt !== undefined;
  if (!isProven) await takeOverUnproven(tx, id, origin);
}

/** Whom the settings ask to be the first operator is one from now on, by their mail alone. */
async function nameIfInvited(
  tx: Db,
  { accountId, provesAddress }: { readonly accountId: string; readonly provesAddress: boolean },
): Promise<void> {
  if (!provesAddress || (await holdInvitedFirst(tx)) !== accountId) return;
  await addOperator(tx, accountId);
  await recordAuditEvent(tx, {
    action: 'operator.added',
    subject: printId('user', accountId),
    after: { account: 'found', by: 'SETUP_EMAIL' },
  });
}
