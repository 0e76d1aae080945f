/**
 * Connecting an account to somebody elsewhere, by whoever is signed in to it here and there; and ending
 * that. The last way in cannot be removed.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import { findAccount, lockAccount } from '../storage/people/accounts.ts';
import {
  deleteIdentity,
  type ExternalIdentity,
  findAccountByIdentity,
  insertIdentity,
  listIdentities,
  touchIdentity,
} from '../storage/people/external-identities.ts';
import { holdWaysIn, type WaysIn } from '../storage/people/ways-in.ts';
import { type Connected, mailConnected } from './external-sign-in.ts';

/**
 * - `taken`: that person there is bound to another account here.
 * - `other`: this account is bound to another person there.
 */
export type ConnectResult = 'connected' | 'taken' | 'other';

/** Connects; the same again changes nothing. */
export function connectIdentity(
  work: Work,
  accountId: string,
  identity: ExternalIdentity,
  by: Connected,
): Promise<ConnectResult> {
  return work.run(async (tx) => {
    const account = (await lockAccount(tx, { id: accountId }))?.account;
    const holder = await findAccountByIdentity(tx, identity);
    if (holder === accountId) return 'connected';
    if (holder !== undefined) return 'taken';
    if (!(await insertIdentity(tx, identity, accountId))) {
      return (await findAccountByIdentity(tx, identity)) === undefined ? 'other' : 'taken';
    }
    await touchIdentity(tx, identity);
    if (account) await mailConnected(tx, account, identity.issuer, by);
    return 'connected';
  });
}

/** Which connection, and what else the account can sign in with here. */
interface Disconnection extends Connected {
  readonly accountId: string;
  readonly issuer: string;
  /** The RP ID; undefined: there are no passkeys here. */
  readonly relyingParty: string | undefined;
  readonly hasPasswords: boolean;
}

/** Ends the connection. @returns `last`: there would be no way in left; nothing is changed. */
export function disconnectIdentity(
  work: Work,
  { accountId, issuer, relyingParty, hasPasswords, ...by }: Disconnection,
): Promise<'disconnected' | 'unchanged' | 'last'> {
  return work.run(async (tx) => {
    const ways = await holdWaysIn(tx, accountId, relyingParty);
    const identities = await listIdentities(tx, accountId);
    if (ways === undefined || !identities.some((one) => one.issuer === issuer)) return 'unchanged';
    if (isOnlyWay(ways, hasPasswords)) return 'last';
    await deleteIdentity(tx, accountId, issuer);
    await recordAuditEvent(tx, {
      action: 'identity.disconnected',
      actorAccountId: accountId,
      subject: printId('user', accountId),
      before: { issuer },
      origin: by.origin,
    });
    const { locale, provider } = by;
    const email = (await findAccount(tx, accountId))?.email;
    if (email !== undefined) {
      const details = { provider };
      await putNotice(tx, {
        kind: 'identity-disconnected',
        email,
        accountId,
        locale,
        details,
      });
    }
    return 'disconnected';
  });
}

/** Whether an account that is connected to a provider can sign in in no other way. */
export function isOnlyWay(
  { hasPassword, passkeys, identities }: WaysIn,
  hasPasswords: boolean,
): boolean {
  return !(hasPasswords && hasPassword) && passkeys === 0 && identities === 1;
}
