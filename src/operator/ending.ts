/**
 * Ends everything of one kind that was made before a time, batch by batch, in the name of an
 * operator whose right is looked at for each batch.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import { databaseTime, type EndedKind, endBefore } from '../storage/tokens/ends-before.ts';
import { actorOf } from './acting.ts';
import { CommandError, type Context, type Given, type Option } from './command.ts';

/** The option that says how far to go. */
export const beforeOption: Readonly<Record<string, Option>> = {
  before: {
    value: 'TIME',
    help: 'everything made before it: 2026-11-28T20:00:00Z, or "now" (required)',
  },
};

/** @returns the time that `--before` names. @throws {CommandError} it names none. */
export async function timeOf({ database }: Context, given: Given): Promise<Date> {
  const written = given.text('before');
  if (written === undefined) throw new CommandError('Say before when: --before TIME');
  if (written === 'now') return databaseTime(database);
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  const time = form.test(written) ? new Date(written) : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return time;
  throw new CommandError(`"${written}" is no time such as 2026-11-28T20:00:00Z`);
}

/**
 * Ends all of a kind. What was ended stays ended when it is broken off: run it again.
 *
 * @param action what the audit log calls it; written when it begins and when it is done.
 * @returns how many ended; undefined when the actor is no active operator.
 */
export async function endAll(
  context: Context,
  given: Given,
  { kind, action, before }: { kind: EndedKind; action: string; before: Date },
): Promise<number | undefined> {
  const actor = await actorOf(context, given);
  const act = { action, subject: kind };
  let total = 0;
  let after: string | undefined;
  for (let isFirst = true; ; isFirst = false) {
    const batch = await asOperator(context.database, actor, act, async (tx, record) => {
      const done = await endBefore(tx, kind, before, after);
      const isLast = done.next === undefined;
      const ended = isLast ? total + done.ended : undefined;
      if (isFirst || isLast) await record({ after: { before, ended, finished: isLast } });
      return { outcome: 'ended', ...done } as const;
    });
    if (batch.outcome !== 'ended') return undefined;
    total += batch.ended;
    after = batch.next;
    if (after === undefined) return total;
  }
}
