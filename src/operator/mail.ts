/**
 * `mail ...`: what could not be sent.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import { isUuid } from '../lib/ids.ts';
import { listUnsentMail, retryMail } from '../storage/people/mail-outbox.ts';
import { actorOf } from './acting.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';

const most = 1_000;

export const mail: Subject = {
  summary: 'Mail that could not be sent.',
  commands: {
    failed: {
      summary: 'list mail that could not be sent: given up, or tried again later',
      words: [],
      byOperator: true,
      example: 'mail failed',
      run: failed,
    },
    retry: {
      summary: 'try again at once: one mail by its id, or all that was given up',
      words: ['[ID]'],
      byOperator: true,
      example: 'mail retry',
      run: retry,
    },
  },
};

async function failed(context: Context, given: Given): Promise<Result> {
  const act = { action: 'mail.listed', subject: 'mail' };
  return asOperator<Result>(context.database, await actorOf(context, given), act, async (tx) => ({
    outcome: 'listed',
    mails: (await listUnsentMail(tx, most)).map((one) => ({
      id: one.id,
      kind: one.kind,
      to: one.recipient ?? '-',
      reason: one.reason,
      attempts: one.attempts,
      asked_at: one.createdAt,
      state: one.failedAt === undefined ? 'waiting' : 'given up',
      at: one.failedAt ?? one.nextAttemptAt,
    })),
  }));
}

async function retry(context: Context, given: Given): Promise<Result> {
  const [id] = given.words;
  if (id !== undefined && !isUuid(id)) {
    throw new CommandError(`This is not the id of a mail: ${id}. See: mail failed`);
  }
  const act = { action: 'mail.retried', subject: id ?? 'mail' };
  const actor = await actorOf(context, given);
  return asOperator<Result>(context.database, actor, act, async (tx, record) => {
    const count = await retryMail(tx, id);
    if (count > 0) await record({ after: { mails: count } });
    return { outcome: count === 0 ? 'unchanged' : 'changed', mails: count };
  });
}
