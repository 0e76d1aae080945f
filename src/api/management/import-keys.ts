/**
 * What a key of an import remembers: of each batch, the lines that were done, and what was told of them.
 *
 * A stream that ended early left a short last batch. When the whole is sent again, that batch begins
 * with the same lines: those are told as before, the rest is done, and the key remembers both.
 *
 * @module
 */

import { sha256 } from '../../lib/secrets.ts';
import type { Synced } from '../../organizations/sync.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import {
  claimKey,
  findKey,
  keepAnswer,
  type UsedKey,
} from '../../storage/engine/idempotency-keys.ts';
import { workUnder } from '../../storage/engine/work.ts';
import { ProblemError } from './problems.ts';

/** What a line of the answer says of a line of the request. */
export interface Told {
  readonly outcome: Exclude<Synced['outcome'], 'absent'> | 'refused' | 'not_applied';
  readonly id?: string;
  readonly reason?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** The same import came twice at once, and the other one has done lines of this batch: look again. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/**
 * @param key SHA-256: one batch of one caller's import.
 * @returns what was told of the first lines of the batch, which were done before; empty when none were.
 * @throws {ProblemError} `idempotency-key-reused`: other lines were done under the key.
 */
export async function doneBefore(
  work: Work,
  key: Buffer,
  batch: readonly Buffer[],
): Promise<Told[]> {
  const used = await work.run((tx) => findKey(tx, key));
  if (used === undefined) return [];
  const told = toldIn(used);
  const isBeginning =
    told.length <= batch.length &&
    fingerprint(batch.slice(0, told.length)).equals(used.fingerprint);
  if (!isBeginning) throw new ProblemError('idempotency-key-reused');
  return told;
}

/** One batch: its first `done` lines were done before; `tell` says what is told of all of them. */
export interface KeyedBatch {
  readonly key: Buffer;
  readonly batch: readonly Buffer[];
  readonly done: number;
  tell(results: unknown): readonly Told[];
}

/**
 * The work of a batch: the batch is claimed before it, and what is told of it is kept with it. Throws
 * an `OvertakenError` when more than the `done` lines stand under the key by now.
 */
export function underKey(work: Work, { key, batch, done, tell }: KeyedBatch): Work {
  const request = { id: key, fingerprint: fingerprint(batch) };
  return workUnder(work, {
    before: async (tx) => {
      const isFree = await claimKey(tx, request);
      if (!isFree && (await countDone(tx, key)) !== done) throw new OvertakenError();
    },
    after: (tx, results) => keepAnswer(tx, request, JSON.stringify(tell(results))),
  });
}

async function countDone(tx: Db, key: Buffer): Promise<number | undefined> {
  const used = await findKey(tx, key);
  return used && toldIn(used).length;
}

function toldIn({ answer }: UsedKey): Told[] {
  return JSON.parse(answer) as Told[];
}

function fingerprint(lines: readonly Buffer[]): Buffer {
  return sha256(Buffer.concat(lines));
}
