/**
 * Connecting an account to somebody elsewhere, by whoever is signed in to it here and there; and ending
 * that. The last way in cannot be removed.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { lockAccount } from '../storage/people/accounts.ts';
import {
  deleteIdentity,
  type ExternalIdentity,
  findAccountByIdentity,
  insertIdentity,
  listIdentities,
  touchIdentity,
} from '../storage/people/external-identities.ts';
import { holdWaysIn, type WaysIn } from '../storage/people/ways-in.ts';
import { tellConnected } from './external-sign-in.ts';

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
  origin: Origin,
): Promise<ConnectResult> {
  return work.run(async (tx) => {
    await lockAccount(tx, { id: accountId });
    const holder = await findAccountByIdentity(tx, identity);
    if (holder === accountId) return 'connected';
    if (holder !== undefined) return 'taken';
    if (!(await insertIdentity(tx, identity, accountId))) {
      return (await findAccountByIdentity(tx, identity)) === undefined ? 'other' : 'taken';
    }
    await touchIdentity(tx, identity);
    await tellConnected(tx, accountId, identity.issuer, origin);
    return 'connected';
  });
}

/** Which connection, and what else the account can sign in with here. */
interface Disconnection {
  readonly accountId: string;
  readonly issuer: string;
  /** The RP ID; undefined: there are no passkeys here. */
  readonly relyingParty: string | undefined;
  readonly hasPasswords: boolean;
  readonly origin: Origin;
}

/** Ends the connection. @returns `last`: there would be no way in left; nothing is changed. */
export function disconnectIdentity(
  work: Work,
  { accountId, issuer, relyingParty, hasPasswords, origin }: Disconnection,
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
      origin,
    });
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
