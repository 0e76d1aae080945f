/**
 * `keys ...`: the signing and cookie keys of the installation.
 *
 * @module
 */

import { type Actor, asOperator } from '../applications/as-operator.ts';
import { rotateKeys } from '../provider/keyring.ts';
import type { Database } from '../storage/engine/database.ts';
import { actorOf } from './acting.ts';
import type { Result, Subject } from './command.ts';

export const keys: Subject = {
  summary: 'The signing and cookie keys.',
  commands: {
    rotate: {
      summary: 'make new keys beside the old ones; SECURITY.md says when to restart',
      words: [],
      byOperator: true,
      example: 'keys rotate',
      run: async (context, given) =>
        rotate(context.database, await actorOf(context, given), context.usherKey()),
    },
  },
};

/** What nodes do with the new keys is in provider/keyring.ts. */
function rotate(database: Database, actor: Actor, usherKey: string): Promise<Result> {
  const act = { action: 'keys.rotated', subject: 'keys' };
  return asOperator<Result>(database, actor, act, async (tx, record) => {
    const generation = await rotateKeys(tx, usherKey);
    if (generation === undefined) return { outcome: 'unchanged' };
    await record({ after: { generation } });
    return { outcome: 'created', generation };
  });
}
