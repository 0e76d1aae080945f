/**
 * The `passkeys` table, and whether an account wants to be offered one.
 *
 * Source: migrations/20261128235500-passkeys.ts; WebAuthn Level 3 sections 4 (credential record) and
 * 6.1.1 (signature counter).
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** What verifies a signature, and whose it is. */
export interface PasskeyKey {
  readonly id: string;
  readonly accountId: string;
  readonly publicKey: Buffer;
}

/** A passkey as its owner sees it. */
export interface Passkey {
  readonly id: string;
  readonly credentialId: Buffer;
  readonly transports: readonly string[];
  readonly relyingParty: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** A passkey to be added. */
export interface NewPasskey {
  readonly id: string;
  readonly accountId: string;
  readonly credentialId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly relyingParty: string;
  readonly name: string;
}

const selectKey = statement(`
  select id, account_id as "accountId", public_key as "publicKey"
    from passkeys where credential_id = $1`);
const selectOfAccount = statement(`
  select id, credential_id as "credentialId", transports, relying_party as "relyingParty", name,
         created_at as "createdAt", last_used_at as "lastUsedAt"
    from passkeys where account_id = $1 order by created_at, id`);
const insert = statement(`
  insert into passkeys
         (id, account_id, credential_id, public_key, counter, transports, relying_party, name)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (credential_id) do nothing returning 1`);
const rename = statement(`
  update passkeys set name = $3 where id = $2 and account_id = $1 returning 1`);
const remove = statement(`
  delete from passkeys where id = $2 and account_id = $1`);
const use = statement(`
  update passkeys set counter = $2, last_used_at = now()
   where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning 1`);

/** @returns the passkey of that credential; undefined when none is known. */
export async function findPasskey(db: Db, credentialId: Buffer): Promise<PasskeyKey | undefined> {
  const [row] = await db.query<PasskeyKey>(selectKey, [credentialId]);
  return row;
}

/** @returns the passkeys of an account, oldest first. */
export async function listPasskeys(db: Db, accountId: string): Promise<Passkey[]> {
  type Row = Omit<Passkey, 'lastUsedAt'> & { readonly lastUsedAt: Date | null };
  const rows = await db.query<Row>(selectOfAccount, [accountId]);
  return rows.map((row) => ({ ...row, lastUsedAt: row.lastUsedAt ?? undefined }));
}

/** @returns whether it was added: no credential is kept twice. */
export async function insertPasskey(tx: Db, passkey: NewPasskey): Promise<boolean> {
  const { id, accountId, credentialId, publicKey, counter, transports, relyingParty, name } =
    passkey;
  const bytes = [Buffer.from(credentialId), Buffer.from(publicKey)];
  const values = [id, accountId, ...bytes, counter, [...transports], relyingParty, name];
  return (await tx.query(insert, values)).length === 1;
}

/** @returns whether the account has that passkey. */
export async function renamePasskey(
  tx: Db,
  { accountId, id, name }: { accountId: string; id: string; name: string },
): Promise<boolean> {
  return (await tx.query(rename, [accountId, id, name])).length === 1;
}

/** Removes a passkey of the account, if it has it. */
export async function deletePasskey(tx: Db, accountId: string, id: string): Promise<void> {
  await tx.query(remove, [accountId, id]);
}

/**
 * Writes down a use, in one statement.
 *
 * @returns false when the counter did not go up: a copy of the key may be in use, or it was removed.
 *   An authenticator without a counter says 0 each time.
 */
export async function usePasskey(db: Db, id: string, counter: number): Promise<boolean> {
  return (await db.query(use, [id, counter])).length === 1;
}

const claim = statement(`
  insert into provider_records (kind, id, payload, expires_at)
  select 'PasskeyChallenge', $1, '{}', now() + interval '1 hour' where to_timestamp($2) > now()
  on conflict (kind, id) do nothing returning 1`);
const clock = statement('select extract(epoch from now())::int as now');

/** @returns the database's time, in seconds since the epoch. */
export async function databaseSeconds(db: Db): Promise<number> {
  const [row] = await db.query<{ now: number }>(clock);
  return row?.now ?? 0;
}

/** @returns whether a challenge (its SHA-256) is used for the first time, and in time. */
export async function claimChallenge(db: Db, id: Buffer, expiresAt: number): Promise<boolean> {
  return (await db.query(claim, [id, expiresAt])).length === 1;
}

const offerable = statement(`
  select 1 from accounts a
   where a.id = $1 and a.passkey_offer_declined_at is null
     and not exists (select from passkeys p where p.account_id = a.id)`);
const decline = statement(`
  update accounts set passkey_offer_declined_at = coalesce(passkey_offer_declined_at, now())
   where id = $1`);

/** Whether an account has no passkey and has not said that it wants none. */
export async function isPasskeyWanted(db: Db, accountId: string): Promise<boolean> {
  return (await db.query(offerable, [accountId])).length === 1;
}

/** The account is offered none from now on. */
export async function declinePasskey(db: Db, accountId: string): Promise<void> {
  await db.query(decline, [accountId]);
}
