/**
 * What a key of an import remembers: of each batch, the lines that were done, and the report of them.
 *
 * A stream that ended early left a short last batch. When the whole is sent again, that batch begins
 * with the same lines: those get the same report, the rest is done, and the key remembers both.
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
export interface LineReport {
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
 * @returns the reports of the first lines of the batch, which were done before; empty when none were.
 * @throws {ProblemError} `idempotency-key-reused`: other lines were done under the key.
 */
export async function doneBefore(
  work: Work,
  key: Buffer,
  batch: readonly Buffer[],
): Promise<LineReport[]> {
  const used = await work.run((tx) => findKey(tx, key));
  if (used === undefined) return [];
  const reports = reportsIn(used);
  const isBeginning =
    reports.length <= batch.length &&
    fingerprint(batch.slice(0, reports.length)).equals(used.fingerprint);
  if (!isBeginning) throw new ProblemError('idempotency-key-reused');
  return reports;
}

/** One batch: its first `done` lines were done before; `report` makes the reports of all of them. */
export interface KeyedBatch {
  readonly key: Buffer;
  readonly batch: readonly Buffer[];
  readonly done: number;
  report(results: unknown): readonly LineReport[];
}

/**
 * The work of a batch: the batch is claimed before it, and its reports are kept with it. Throws
 * an `OvertakenError` when more than the `done` lines are stored under the key by now.
 */
export function underKey(work: Work, { key, batch, done, report }: KeyedBatch): Work {
  const request = { id: key, fingerprint: fingerprint(batch) };
  return workUnder(work, {
    before: async (tx) => {
      const isFree = await claimKey(tx, request);
      if (!isFree && (await countDone(tx, key)) !== done) throw new OvertakenError();
    },
    after: (tx, results) => keepAnswer(tx, request, JSON.stringify(report(results))),
  });
}

async function countDone(tx: Db, key: Buffer): Promise<number | undefined> {
  const used = await findKey(tx, key);
  return used && reportsIn(used).length;
}

function reportsIn({ answer }: UsedKey): LineReport[] {
  return JSON.parse(answer) as LineReport[];
}

function fingerprint(lines: readonly Buffer[]): Buffer {
  return sha256(Buffer.concat(lines));
}
