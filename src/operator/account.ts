/**
 * `account ...`: a link to set a password or add a passkey, suspension and its end.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import { reinstateAccount, suspendAccount } from '../applications/suspend-account.ts';
import { printId } from '../lib/ids.ts';
import { accountOf, actorOf } from './acting.ts';
import type { Context, Given, Result, Subject } from './command.ts';
import { printLink } from './set-up-link.ts';

export const account: Subject = {
  summary: 'The accounts of people.',
  commands: {
    link: {
      summary: 'print a one-time link, good for 24 hours, to set a (new) password or add a passkey',
      words: ['EMAIL'],
      byOperator: true,
      example: 'account link ada@example.com',
      run: link,
    },
    suspend: {
      summary: 'suspend an account: its sessions and tokens stop working at once',
      words: ['EMAIL'],
      byOperator: true,
      example: 'account suspend ada@example.com',
      run: (context, given) => change(context, given, suspendAccount),
    },
    reinstate: {
      summary: 'end the suspension; sessions and tokens work again',
      words: ['EMAIL'],
      byOperator: true,
      example: 'account reinstate ada@example.com',
      run: (context, given) => change(context, given, reinstateAccount),
    },
  },
};

async function change(context: Context, given: Given, act: typeof suspendAccount) {
  const [email = ''] = given.words;
  const { database } = context;
  return act(database, await actorOf(context, given), (await accountOf(database, email)).id);
}

async function link(context: Context, given: Given): Promise<Result> {
  const [email = ''] = given.words;
  const { database, issuer } = context;
  const { id } = await accountOf(database, email);
  const act = { action: 'account.link_made', subject: printId('user', id) };
  return asOperator<Result>(database, await actorOf(context, given), act, async (tx, record) => {
    const printed = await printLink(tx, issuer, id);
    if (printed === undefined) {
      const reason = 'The account is not active; see: account reinstate EMAIL';
      return { outcome: 'refused', reason };
    }
    await record({ after: { expires_at: printed.link_expires_at } });
    return { outcome: 'created', ...printed };
  });
}
