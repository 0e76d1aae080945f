/**
 * The one-time link that a command prints, with which a person sets a password or adds a passkey.
 *
 * @module
 */

import { issueSetUpLink } from '../accounts/set-up.ts';
import { newId } from '../lib/ids.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  type Account,
  findAccountWithPassword,
  insertAccount,
} from '../storage/people/accounts.ts';
import { listPasskeys } from '../storage/people/passkeys.ts';

/** What is printed of a link. */
export interface PrintedLink {
  readonly link: string;
  readonly link_expires_at: Date;
}

/** @returns a new link; undefined for an account that is not active. */
export async function printLink(
  tx: Db,
  issuer: string,
  accountId: string,
): Promise<PrintedLink | undefined> {
  const issued = await issueSetUpLink(tx, accountId);
  if (issued === undefined) return undefined;
  return { link: `${issuer}/set-up/${issued.token}`, link_expires_at: issued.expiresAt };
}

/** An account that a command needs, and the link where nobody can sign in to it yet. */
export interface NeededAccount {
  readonly id: string;
  readonly made: boolean;
  readonly link: PrintedLink | undefined;
}

/** Finds the account of an address, or makes one whose address is not proven. */
export async function accountFor(tx: Db, issuer: string, email: string): Promise<NeededAccount> {
  const found = await findAccountWithPassword(tx, { email });
  const id = found?.account.id ?? (await makeAccount(tx, email));
  const isSetUp = found?.passwordHash !== undefined || (await listPasskeys(tx, id)).length > 0;
  const link = isSetUp ? undefined : await printLink(tx, issuer, id);
  return { id, made: found === undefined, link };
}

async function makeAccount(tx: Db, email: string): Promise<Account['id']> {
  const id = newId();
  const unproven = { passwordHash: undefined, emailVerifiedAt: undefined };
  await insertAccount(tx, { id, email, name: email, ...unproven });
  return id;
}
