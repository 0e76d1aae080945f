/** Accounts for tests; all have the same password, hashed once. */

import { randomBytes } from 'node:crypto';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';
import { type Account, findAccount, insertAccount } from '../../src/storage/people/accounts.ts';
import { insertSession } from '../../src/storage/people/sessions.ts';

export const password = 'correct horse battery';
const passwordHash = hashPassword(password);

let made = 0;

/** Adds an active account with `password`, or with what `change` says. */
export async function addAccount(
  db: Db,
  change: {
    passwordHash?: string | undefined;
    status?: 'suspended';
    email?: string;
    emailVerifiedAt?: Date | undefined;
  } = {},
): Promise<Account> {
  made += 1;
  const id = newId();
  const hash = 'passwordHash' in change ? change.passwordHash : await passwordHash;
  const { email = `person${made}@acme.test` } = change;
  await insertAccount(db, {
    id,
    email,
    name: `Person ${made}`,
    passwordHash: hash,
    emailVerifiedAt: 'emailVerifiedAt' in change ? change.emailVerifiedAt : new Date(),
  });
  if (change.status) await db.query(setStatus, [id, change.status]);
  const account = await findAccount(db, id);
  if (account === undefined) throw new Error('the account was not stored');
  return account;
}

const setStatus = statement('update accounts set status = $2 where id = $1');

/** Adds a session of the account that lives for an hour. @returns its uid. */
export async function addSession(db: Db, accountId: string): Promise<string> {
  const uid = newId();
  const id = randomBytes(32);
  await insertSession(db, { id, uid, accountId, payload: {}, lifetimeSeconds: 3_600 });
  return uid;
}
