/**
 * The `accounts` table: the people who sign in. An e-mail address is kept in its normal form only
 * (lib/email-address.ts), so one address is one account.
 *
 * Source: migrations/20261122000200-accounts.ts.
 *
 * @module
 */

import { StoredDataError } from '../../lib/errors.ts';
import { type Db, statement } from '../engine/database.ts';

const statuses = ['active', 'suspended', 'deleted'] as const;

/** Only an active account can do anything. */
type AccountStatus = (typeof statuses)[number];

/** A person, without what proves it. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly status: AccountStatus;
  readonly emailVerifiedAt: Date | undefined;
  /** How often all its sessions were ended; a sign-in counts in the epoch that it was proven in. */
  readonly signInEpoch: number;
}

/** An account together with its password's hash; undefined for an account without a password. */
export interface AccountWithPassword {
  readonly account: Account;
  readonly passwordHash: string | undefined;
}

/** An account to be made; it is active, and `email` is in its normal form. */
export interface NewAccount {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | undefined;
  readonly emailVerifiedAt: Date | undefined;
}

interface AccountRow {
  id: string;
  email: string;
  name: string;
  status: string;
  email_verified_at: Date | null;
  password_hash: string | null;
  sign_in_epoch: number;
}

const columns = 'id, email, name, status, email_verified_at, password_hash, sign_in_epoch';
const selectById = statement(`select ${columns} from accounts where id = $1`);
const selectByEmail = statement(`select ${columns} from accounts where email = $1`);
const insert = statement(`
  insert into accounts (id, email, name, password_hash, email_verified_at)
  values ($1, $2, $3, $4, $5)`);
const replaceHash = statement(`
  update accounts set password_hash = $3 where id = $1 and password_hash = $2 returning id`);

/** @returns the account, whatever its status; undefined when there is none. */
export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  return (await findAccountWithPassword(db, { id }))?.account;
}

/** @returns the account of that id, or of that e-mail address in its normal form. */
export async function findAccountWithPassword(
  db: Db,
  by: { readonly id: string } | { readonly email: string },
): Promise<AccountWithPassword | undefined> {
  const [row] =
    'id' in by
      ? await db.query<AccountRow>(selectById, [by.id])
      : await db.query<AccountRow>(selectByEmail, [by.email]);
  return row && { account: toAccount(row), passwordHash: row.password_hash ?? undefined };
}

/** Adds an account. @throws {pg.DatabaseError} `accounts_email_key`: the address is taken. */
export async function insertAccount(db: Db, account: NewAccount): Promise<void> {
  const { id, email, name, passwordHash, emailVerifiedAt } = account;
  await db.query(insert, [id, email, name, passwordHash ?? null, emailVerifiedAt ?? null]);
}

const claim = statement(`
  update accounts set name = $2, password_hash = $3, 
         email_verified_at = coalesce(email_verified_at, case when $4 then now() end)
   where id = $1 and password_hash is null and status = 'active' returning id`);

/** Gives an active account without a password its first one. @returns whether it was one. */
export async function claimAccount(
  db: Db,
  {
    accountId,
    name,
    passwordHash,
    provesAddress,
  }: {
    readonly accountId: string;
    readonly name: string;
    readonly passwordHash: string;
    readonly provesAddress: boolean;
  },
): Promise<boolean> {
  return (await db.query(claim, [accountId, name, passwordHash, provesAddress])).length === 1;
}

/** Changes the hash if it is still the one that was read. @returns whether it was. */
export async function replacePasswordHash(
  db: Db,
  { accountId, from, to }: { accountId: string; from: string; to: string },
): Promise<boolean> {
  return (await db.query(replaceHash, [accountId, from, to])).length === 1;
}

const setHash = statement(`
  update accounts set password_hash = $2 where id = $1 and status = 'active' returning id`);

/** Gives an active account a password in place of the one it had, if any. @returns whether it did. */
export async function setPasswordHash(db: Db, accountId: string, hash: string): Promise<boolean> {
  return (await db.query(setHash, [accountId, hash])).length === 1;
}

function toAccount(row: AccountRow): Account {
  const { id, email, name, status, email_verified_at, sign_in_epoch } = row;
  const known = statuses.find((one) => one === status);
  if (known === undefined) throw new StoredDataError(`accounts.status holds "${status}"`);
  return {
    id,
    email,
    name,
    status: known,
    emailVerifiedAt: email_verified_at ?? undefined,
    signInEpoch: sign_in_epoch,
  };
}
