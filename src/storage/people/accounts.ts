/**
 * The `accounts` table: the people who sign in. An e-mail address is kept in its normal form only
 * (lib/email-address.ts), so one address is one account.
 *
 * Source: migrations/20261122000200-accounts.ts.
 *
 * Only an active account can do anything, from the next question on. A deleted one leaves an empty
 * row, so that records which name the account by its id keep their meaning and the id never means anybody
 * else. Who makes an account a member locks its row first, before any organization's lock.
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

const markFirst = statement(`
  update accounts set has_signed_in = true where id = $1 and not has_signed_in returning 1`);

/** Writes down that somebody was signed in to the account. @returns whether it is the first time. */
export async function markSignedIn(tx: Db, id: string): Promise<boolean> {
  return (await tx.query(markFirst, [id])).length === 1;
}

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
  update accounts set name = $2, password_hash = $3
   where id = $1 and password_hash is null and status = 'active'
     and not exists (select from passkeys p where p.account_id = accounts.id) returning id`);

/** Gives an active account that nobody can sign in to yet its first password. @returns whether it was one. */
export async function claimAccount(
  db: Db,
  {
    accountId,
    name,
    passwordHash,
  }: { readonly accountId: string; readonly name: string; readonly passwordHash: string },
): Promise<boolean> {
  return (await db.query(claim, [accountId, name, passwordHash])).length === 1;
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

/** Gives an active account a password, which replaces the one it had, if any. @returns whether it did. */
export async function setPasswordHash(db: Db, accountId: string, hash: string): Promise<boolean> {
  return (await db.query(setHash, [accountId, hash])).length === 1;
}

const setName = statement(`update accounts set name = $2 where id = $1 and status = 'active'`);

/** Changes the name of an active account. */
export async function renameAccount(tx: Db, accountId: string, name: string): Promise<void> {
  await tx.query(setName, [accountId, name]);
}

const setEmail = statement(`
  update accounts set email = $2, email_verified_at = now()
   where id = $1 and status = 'active' returning id`);

/**
 * Gives an active account another address, proven just now.
 *
 * @returns whether it is active.
 * @throws {pg.DatabaseError} `accounts_email_key`: the address is taken.
 */
export async function changeAccountEmail(tx: Db, id: string, email: string): Promise<boolean> {
  return (await tx.query(setEmail, [id, email])).length === 1;
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

const change = statement(`
  update accounts set status = $2 where id = $1 and status = $3 returning id`);

/** @returns whether it was changed: it was `from`, and is `to` now. */
export async function changeAccountStatus(
  tx: Db,
  accountId: string,
  { from, to }: { readonly from: 'active' | 'suspended'; readonly to: 'active' | 'suspended' },
): Promise<boolean> {
  return (await tx.query(change, [accountId, to, from])).length === 1;
}

/** An account that is neither suspended nor deleted. */
export interface ActiveAccount {
  readonly name: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
}

const select = statement(`
  select name, email, email_verified_at is not null as "isEmailVerified"
  from accounts where id = $1 and status = 'active'`);

/** @returns the account; undefined when there is none, or it is not active. */
export async function findActiveAccount(db: Db, id: string): Promise<ActiveAccount | undefined> {
  const [account] = await db.query<ActiveAccount>(select, [id]);
  return account;
}

/** An active account whose owner is at a browser. */
export interface SignedInAccount {
  readonly account: Account;
  readonly isOperator: boolean;
}

const selectSignedIn = statement(`
  select ${columns}, exists (select from operators o where o.account_id = accounts.id) as "isOperator"
    from accounts where id = $1 and status = 'active'`);

/** @returns the account and whether it is an operator's; undefined when there is none, or it is not active. */
export async function findSignedInAccount(
  db: Db,
  id: string,
): Promise<SignedInAccount | undefined> {
  const [row] = await db.query<AccountRow & { isOperator: boolean }>(selectSignedIn, [id]);
  return row && { account: toAccount(row), isOperator: row.isOperator };
}

// "No key": others may still refer to the row while the organizations' locks are waited for.
const holdForDeletion = statement(`
  select email from accounts where id = $1 and status = 'active' for no key update`);

/**
 * Holds an account that is to be deleted: it joins no organization from now on.
 *
 * @returns its address; undefined when there is no active account.
 */
export async function holdAccountToDelete(tx: Db, id: string): Promise<string | undefined> {
  const [account] = await tx.query<{ email: string }>(holdForDeletion, [id]);
  return account?.email;
}

const memberships = statement(`
  select organization_id as id from organization_members where account_id = $1 order by 1`);

/** @returns the ids of the organizations that the account is in, suspended or not, in order. */
export async function organizationsOf(tx: Db, accountId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(memberships, [accountId]);
  return rows.map(({ id }) => id);
}

const endSessions = statement('delete from sessions where account_id = $1');
const endConsents = statement('delete from consents where account_id = $1');
const endOperator = statement('delete from operators where account_id = $1');
const endIdentities = statement('delete from external_identities where account_id = $1');
const endSetUpLinks = statement('delete from set_up_links where account_id = $1');
const endPasskeys = statement('delete from passkeys where account_id = $1');
const empty = statement(`
  update accounts
     set status = 'deleted', email = 'deleted-' || id || '@deleted.invalid',
         name = 'Deleted account', password_hash = null, email_verified_at = null,
         locale = null
   where id = $1`);

/** Ends sessions, passkeys, consents with their tokens, and operator's rights; the address is free again. */
export async function emptyAccount(tx: Db, id: string): Promise<void> {
  const ends = [endSessions, endConsents, endOperator, endIdentities, endSetUpLinks, endPasskeys];
  for (const change of [...ends, empty]) {
    await tx.query(change, [id]);
  }
}

const prove = statement(`
  update accounts set email_verified_at = coalesce(email_verified_at, now()) where id = $1`);

/** Takes the address for proven, from now on if it was not. */
export async function proveAddress(tx: Db, accountId: string): Promise<void> {
  await tx.query(prove, [accountId]);
}

const lockByEmail = statement(`select ${columns} from accounts where email = $1 for no key update`);
const lockById = statement(`select ${columns} from accounts where id = $1 for no key update`);

/** @returns the account, whatever its status; nobody else changes it until the transaction is over. */
export async function lockAccount(
  tx: Db,
  by: { readonly id: string } | { readonly email: string },
): Promise<AccountWithPassword | undefined> {
  const [row] =
    'id' in by
      ? await tx.query<AccountRow>(lockById, [by.id])
      : await tx.query<AccountRow>(lockByEmail, [by.email]);
  return row && { account: toAccount(row), passwordHash: row.password_hash ?? undefined };
}

/** An active account that is held. */
export interface HeldAccount {
  readonly id: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
}

const holdAccount = statement(`
  select id, email, email_verified_at is not null as "isEmailVerified"
    from accounts where id = $1 and status = 'active' for share`);

/** @returns the account; undefined when there is none, or it is not active. */
export async function holdActiveAccount(tx: Db, id: string): Promise<HeldAccount | undefined> {
  const [account] = await tx.query<HeldAccount>(holdAccount, [id]);
  return account;
}
