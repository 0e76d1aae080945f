/**
 * `operator ...`: who runs this installation.
 *
 * An operator who has no account gets one without a password, since a new database has none that
 * could be named.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database } from '../storage/engine/database.ts';
import { addOperator, listOperators, removeOperator } from '../storage/people/operators.ts';
import { accountOf, emailOf } from './acting.ts';
import type { Context, Result, Subject } from './command.ts';
import { accountFor } from './set-up-link.ts';

export const operator: Subject = {
  summary: 'The people who run this installation.',
  commands: {
    add: {
      summary:
        'make somebody an operator; prints a link to choose how to sign in if nothing is set up',
      words: ['EMAIL'],
      byOperator: false,
      example: 'operator add ada@example.com',
      run: (context, { words: [email = ''] }) => nameOperator(context, emailOf(email)),
    },
    list: {
      summary: 'list the operators',
      words: [],
      byOperator: false,
      example: 'operator list --json',
      run: async ({ database }) => ({
        outcome: 'listed',
        operators: (await listOperators(database)).map(({ accountId, email, status, addedAt }) => ({
          email,
          account: printId('user', accountId),
          status,
          added_at: addedAt,
        })),
      }),
    },
    remove: {
      summary: 'make somebody an operator no longer; the account stays',
      words: ['EMAIL'],
      byOperator: false,
      example: 'operator remove ada@example.com',
      run: ({ database }, { words: [email = ''] }) => dismissOperator(database, email),
    },
  },
};

/** The first operator can be named by nobody before, so naming one takes no operator. */
async function nameOperator({ database, issuer }: Context, email: string): Promise<Result> {
  return database.run(async (tx) => {
    const { id, made, link } = await accountFor(tx, issuer, email);
    await addOperator(tx, id);
    const account = made ? 'made' : 'found';
    const subject = printId('user', id);
    await recordAuditEvent(tx, { action: 'operator.added', subject, after: { account } });
    return { outcome: 'changed', account, ...(link ?? noLink(email)) };
  });
}

function noLink(email: string) {
  return { note: `The account is set up. For a link to set it up anew: account link ${email}` };
}

async function dismissOperator(database: Database, email: string): Promise<Result> {
  const { id } = await accountOf(database, email);
  return database.run(async (tx) => {
    if (!(await removeOperator(tx, id))) return { outcome: 'unchanged' };
    const subject = printId('user', id);
    await recordAuditEvent(tx, { action: 'operator.removed', subject });
    return { outcome: 'changed' };
  });
}
