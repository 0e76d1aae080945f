/**
 * `account ...`: suspend an account, and reinstate it.
 *
 * @module
 */

import { reinstateAccount, suspendAccount } from '../applications/suspend-account.ts';
import { accountOf, actorOf } from './acting.ts';
import type { Context, Given, Subject } from './command.ts';

export const account: Subject = {
  summary: 'The accounts of people.',
  commands: {
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
