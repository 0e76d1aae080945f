/**
 * The `external_identities` table: who is bound to which account, by the issuer and the subject there.
 * An account has one identity of an issuer at most.
 *
 * Source: migrations/20261129000200-identity-providers.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Somebody at an issuer; both exactly as the issuer writes them. */
export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
}

const select = statement(`
  select account_id as "accountId" from external_identities where issuer = $1 and subject = $2`);
const insert = statement(`
  insert into external_identities (issuer, subject, account_id) values ($1, $2, $3)
  on conflict do nothing returning 1`);
const use = statement(`
  update external_identities set last_used_at = now() where issuer = $1 and subject = $2`);
const remove = statement(`
  delete from external_identities where account_id = $1 and issuer = $2 returning subject`);
const removeAll = statement('delete from external_identities where account_id = $1');
const list = statement(`
  select issuer, created_at as "createdAt", last_used_at as "lastUsedAt"
    from external_identities where account_id = $1 order by created_at`);

/** @returns the id of the account (UUID); undefined when there is no such identity. */
export async function findAccountByIdentity(
  db: Db,
  { issuer, subject }: ExternalIdentity,
): Promise<string | undefined> {
  const [row] = await db.query<{ accountId: string }>(select, [issuer, subject]);
  return row?.accountId;
}

/** @returns whether it is this account's from now on: it may be another's already, or the account have another one. */
export async function insertIdentity(
  tx: Db,
  { issuer, subject }: ExternalIdentity,
  accountId: string,
): Promise<boolean> {
  return (await tx.query(insert, [issuer, subject, accountId])).length === 1;
}

/** Remembers that somebody signed in so. */
export async function touchIdentity(tx: Db, identity: ExternalIdentity): Promise<void> {
  await tx.query(use, [identity.issuer, identity.subject]);
}

/** @returns whether there was one of that issuer. */
export async function deleteIdentity(tx: Db, accountId: string, issuer: string): Promise<boolean> {
  return (await tx.query(remove, [accountId, issuer])).length === 1;
}

/** Removes every identity of an account. */
export async function deleteIdentities(tx: Db, accountId: string): Promise<void> {
  await tx.query(removeAll, [accountId]);
}

/** An identity as its owner sees it. */
export interface ListedIdentity {
  readonly issuer: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** @returns the identities of an account, oldest first. */
export function listIdentities(db: Db, accountId: string): Promise<ListedIdentity[]> {
  return db.query<ListedIdentity>(list, [accountId]);
}
