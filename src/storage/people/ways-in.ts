/**
 * The ways in which an account can be signed in to. Whoever removes one holds the account first, so that
 * of two removals at once the second sees what the first has left.
 *
 * Source: migrations/20261122000200-accounts.ts, 20261128235500-passkeys.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** What an account can sign in with. */
export interface WaysIn {
  readonly hasPassword: boolean;
  /** How many browsers offer at this site; those of another RP ID sign nobody in. */
  readonly passkeys: number;
  /** How many identities at a provider that there is. */
  readonly identities: number;
}

const select = `
  select a.password_hash is not null as "hasPassword",
         (select count(*)::int from passkeys p where p.account_id = a.id and p.relying_party = $2) as passkeys,
         (select count(*)::int from external_identities i join identity_providers using (issuer)
           where i.account_id = a.id) as identities
    from accounts a where a.id = $1`;
const read = statement(select);
const hold = statement(
  `select 1 from accounts where id = $1 and status = 'active' for no key update`,
);
const removeHash = statement(`
  update accounts set password_hash = null where id = $1 and password_hash is not null returning 1`);

/** @returns the ways in as they are now. @param relyingParty undefined: there are no passkeys. */
export async function readWaysIn(
  db: Db,
  accountId: string,
  relyingParty: string | undefined,
): Promise<WaysIn> {
  const [ways] = await db.query<WaysIn>(read, [accountId, relyingParty ?? null]);
  return ways ?? { hasPassword: false, passkeys: 0, identities: 0 };
}

/**
 * Holds the account: its ways in stay as they are until the transaction is over.
 *
 * @returns undefined when it is not active.
 */
export async function holdWaysIn(
  tx: Db,
  accountId: string,
  relyingParty: string | undefined,
): Promise<WaysIn | undefined> {
  if ((await tx.query(hold, [accountId])).length === 0) return undefined;
  return readWaysIn(tx, accountId, relyingParty); // a new snapshot: what was committed before the lock is seen
}

/** @returns whether there was a password. */
export async function deletePassword(tx: Db, accountId: string): Promise<boolean> {
  return (await tx.query(removeHash, [accountId])).length === 1;
}

const endConsents = statement('delete from consents where account_id = $1');
const endPasskeys = statement('delete from passkeys where account_id = $1');

/** Removes the password and the passkeys, and every consent with its tokens. */
export async function removeWaysIn(tx: Db, accountId: string): Promise<void> {
  for (const change of [endConsents, endPasskeys, removeHash]) await tx.query(change, [accountId]);
}
