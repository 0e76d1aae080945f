/**
 * The account of somebody for whom the platform vouches: it knows the person, and that the address is
 * theirs. So an account whose address nobody has proven here is emptied first of whatever was set up there.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Db } from '../storage/engine/database.ts';
import { type Account, insertAccount, lockAccount } from '../storage/people/accounts.ts';
import { type ExternalIdentity, insertIdentity } from '../storage/people/external-identities.ts';
import { nameOf, resolveExternal } from './external-sign-in.ts';
import { takeOverUnproven } from './unproven-account.ts';

/** Whom the platform names: one of the three decides, in this order. */
export interface Vouched {
  readonly accountId?: string | undefined;
  /** By the platform's own id of the person; with `email` the first time. */
  readonly identity?: ExternalIdentity | undefined;
  /** In its normal form. */
  readonly email?: string | undefined;
  /** Of an account that is made. */
  readonly name?: string | undefined;
}

/**
 * - `unknown`: there is no such account.
 * - `no_address`: the platform's id is named the first time, without an address.
 * - `other_identity`: the account with the address is somebody else's there.
 */
export type VouchedRefusal = 'unknown' | 'no_address' | 'other_identity';

export type VouchedAccount =
  | { readonly outcome: 'account'; readonly account: Account }
  | { readonly outcome: 'not_active' }
  | { readonly outcome: 'refused'; readonly why: VouchedRefusal };

/** Finds or makes the account, which is held until the transaction ends. */
export async function accountVouchedFor(
  tx: Db,
  { accountId, identity, email, name }: Vouched,
  origin: Origin,
): Promise<VouchedAccount> {
  if (accountId !== undefined) return ownAccount(tx, { id: accountId }, origin);
  if (identity === undefined) {
    if (email === undefined) return { outcome: 'refused', why: 'no_address' };
    const found = await ownAccount(tx, { email }, origin);
    return found.outcome === 'refused' ? make(tx, { email, name }, origin) : found;
  }
  const person = { ...identity, email, isEmailVerified: true, name };
  const label = URL.parse(identity.issuer)?.host ?? identity.issuer;
  const trust = { name: identity.issuer, label, trustedDomains: 'all' } as const;
  const result = await resolveExternal(tx, person, trust, { origin, locale: undefined });
  if (result.outcome === 'signed_in') {
    const own = await ownAccount(tx, { id: result.account.id }, origin);
    // Taking an account over ends every identity; this one is who it is taken over for.
    await insertIdentity(tx, identity, result.account.id);
    return own;
  }
  const { why } = result;
  if (why === 'not_active') return { outcome: 'not_active' };
  return { outcome: 'refused', why: why === 'other_identity' ? why : 'no_address' };
}

async function ownAccount(
  tx: Db,
  by: { readonly id: string } | { readonly email: string },
  origin: Origin,
): Promise<VouchedAccount> {
  const account = (await lockAccount(tx, by))?.account;
  if (account === undefined || account.status === 'deleted')
    return { outcome: 'refused', why: 'unknown' };
  if (account.status !== 'active') return { outcome: 'not_active' };
  if (account.emailVerifiedAt !== undefined) return { outcome: 'account', account };
  const signInEpoch = await takeOverUnproven(tx, account.id, origin);
  return { outcome: 'account', account: { ...account, signInEpoch } };
}

async function make(
  tx: Db,
  { email, name }: { readonly email: string; readonly name: string | undefined },
  origin: Origin,
): Promise<VouchedAccount> {
  const id = newId();
  const account = { id, email, name: nameOf({ name }, email), passwordHash: undefined };
  await insertAccount(tx, { ...account, emailVerifiedAt: new Date() });
  await recordAuditEvent(tx, {
    action: 'account.signed_up',
    actorAccountId: id,
    subject: printId('user', id),
    origin,
  });
  const made = (await lockAccount(tx, { id }))?.account;
  if (made === undefined) throw new Error('an account that was just made is gone');
  return { outcome: 'account', account: made };
}
