/**
 * Who acts on the command line, and which accounts it names.
 *
 * @module
 */

import type { Actor } from '../applications/as-operator.ts';
import { asciiForm, normalizeEmail } from '../lib/email-address.ts';
import type { Db } from '../storage/engine/database.ts';
import { type Account, findAccountWithPassword } from '../storage/people/accounts.ts';
import { listOperators } from '../storage/people/operators.ts';
import { CommandError, type Context, exitCodes, type Given } from './command.ts';

const origin = { address: undefined, userAgent: 'command line' };

/**
 * @returns the operator named by `--as`; without it the one that there is.
 * @throws {CommandError} there is none, or more than one to choose from.
 */
export async function actorOf({ database }: Context, given: Given): Promise<Actor> {
  const as = given.text('as');
  if (as !== undefined) return { accountId: (await accountOf(database, as)).id, origin };
  const operators = await listOperators(database);
  const [only] = operators;
  if (only === undefined) {
    throw new CommandError('There is no operator yet: operator add EMAIL', exitCodes.notAllowed);
  }
  if (operators.length > 1) {
    throw new CommandError('There are several operators: say in whose name, --as EMAIL');
  }
  return { accountId: only.accountId, origin };
}

/** @throws {CommandError} the text is no e-mail address, or there is no account with it. */
export async function accountOf(db: Db, written: string): Promise<Account> {
  const found = await findAccountWithPassword(db, { email: emailOf(written) });
  if (found === undefined) {
    throw new CommandError(`There is no account ${written}`, exitCodes.notFound);
  }
  return found.account;
}

/** @returns the address in its normal form. @throws {CommandError} it is none. */
export function emailOf(written: string): string {
  const email = normalizeEmail(written);
  if (email !== undefined) return email;
  const form = asciiForm(written);
  if (form === undefined) throw new CommandError(`This is not an e-mail address: ${written}`);
  throw new CommandError(
    `The domain of ${written} is not in ASCII, and letters beyond it may look alike. Write ${form}`,
  );
}
