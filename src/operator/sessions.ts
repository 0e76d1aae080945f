/**
 * `sessions ...`: the browsers in which people are signed in.
 *
 * @module
 */

import type { Context, Given, Result, Subject } from './command.ts';
import { beforeOption, endAll, timeOf } from './ending.ts';

export const sessions: Subject = {
  summary: 'Sessions: the browsers in which people are signed in.',
  commands: {
    end: {
      summary: 'sign out every browser that signed in before a time; for after a restore',
      words: [],
      options: beforeOption,
      byOperator: true,
      example: 'sessions end --before 2026-11-28T20:00:00Z',
      run: end,
    },
  },
};

async function end(context: Context, given: Given): Promise<Result> {
  const before = await timeOf(context, given);
  const wanted = { kind: 'sessions', action: 'sessions.ended', before } as const;
  const ended = await endAll(context, given, wanted);
  if (ended === undefined) return { outcome: 'not_allowed' };
  return { outcome: ended === 0 ? 'unchanged' : 'changed', before, sessions: ended };
}
