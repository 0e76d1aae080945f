/**
 * Signing up by a link that came by mail, of an invitation or asked for: whoever holds it has proven its
 * address. Where the link was printed instead, nothing is proven.
 *
 *   check the name -> count the attempt -> judge the password -> a new account, or one that had no password yet
 *
 * An account that has a password belongs to somebody already: they sign in.
 *
 * @module
 */

import { personNameFault, storedName } from '../clients/name-rule.ts';
import { newId, printId } from '../lib/ids.ts';
import { networkOf } from '../lib/network.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { brokeConstraint, type Work } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import {
  type Account,
  claimAccount,
  insertAccount,
  lockAccount,
} from '../storage/people/accounts.ts';
import { endSessionsAndLinks } from './end-access.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import { hashPassword } from './password-hashing.ts';
import { limit, takeAttempt } from './throttle.ts';
import { takeOverUnproven } from './unproven-account.ts';

/** What somebody with an invitation has sent. */
export interface SignUp {
  readonly work: Work;
  /** The invited address, in its normal form. */
  readonly email: string;
  /** Whether the link came by mail: then whoever holds it reads mail at the address. */
  readonly provesAddress: boolean;
  readonly name: string;
  readonly password: string;
  readonly origin: Origin;
}

export type SignUpResult =
  | {
      readonly outcome: 'signed_up';
      readonly account: Pick<Account, 'id' | 'email' | 'signInEpoch'>;
    }
  | { readonly outcome: 'refused'; readonly why: NewPasswordFault | 'bad_name' | 'has_account' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const perAddress = 30;
const longestName = 100;

/**
 * Makes the account, with its address proven where the link came by mail.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export async function signUp(attempt: SignUp): Promise<SignUpResult> {
  const { work, email, password, origin } = attempt;
  const name = storedName(attempt.name, longestName);
  if (personNameFault(name, longestName) !== undefined)
    return { outcome: 'refused', why: 'bad_name' };
  const wait = await takeAttempt(work.plain, [
    limit(perAddress, 'sign-up', 'address', networkOf(origin.address ?? '')),
  ]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const fault = await judgeNewPassword(password, { email, name });
  if (fault !== undefined) return { outcome: 'refused', why: fault };
  return create(attempt, { email, name, passwordHash: await hashPassword(password) });
}

interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

async function create(
  { work, origin, provesAddress }: SignUp,
  person: NewPerson,
): Promise<SignUpResult> {
  try {
    return await work.run(async (tx) => {
      const known = await lockAccount(tx, { email: person.email });
      const found = known?.account;
      const isUnproven = found?.status === 'active' && found.emailVerifiedAt === undefined;
      // Somebody else may have begun it elsewhere, in the name of this address.
      if (provesAddress && isUnproven && known?.passwordHash === undefined)
        await takeOverUnproven(tx, found.id, origin);
      const accountId = found?.id ?? newId();
      if (found === undefined) {
        const emailVerifiedAt = provesAddress ? new Date() : undefined;
        await insertAccount(tx, { ...person, id: accountId, emailVerifiedAt });
      } else if (!(await claimAccount(tx, { ...person, accountId }))) {
        return { outcome: 'refused', why: 'has_account' };
      }
      if (found === undefined) await endAccountLinks(tx, accountId); // asked for by its address
      const signInEpoch = found === undefined ? 0 : await endSessionsAndLinks(tx, accountId);
      const subject = printId('user', accountId);
      const event = { action: 'account.signed_up', actorAccountId: accountId, subject, origin };
      await recordAuditEvent(tx, event);
      return { outcome: 'signed_up', account: { id: accountId, email: person.email, signInEpoch } };
    });
  } catch (error) {
    if (!brokeConstraint(error, 'accounts_email_key')) throw error;
    return { outcome: 'refused', why: 'has_account' }; // made at the same moment
  }
}
