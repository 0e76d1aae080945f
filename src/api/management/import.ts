/**
 * Bulk import: lines in, batch by batch, a result line each out.
 *
 *     stream -> batch of 1,000 -> (done before under this key? report it) -> read the rest -> all or none
 *
 * The answer is written as fast as it is taken and the stream is read as fast as that, so memory
 * stays the same however long it is.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import { createPauses, mapWithPauses } from '../../lib/pauses.ts';
import { sha256 } from '../../lib/secrets.ts';
import { isAdministratorRole, memberRole } from '../../members/roles.ts';
import type { Actor } from '../../organizations/actor.ts';
import { type Refusal, RefusedError } from '../../organizations/refusals.ts';
import {
  BatchRefusedError,
  mayRaise,
  type Synced,
  type SyncTarget,
  syncBatch,
} from '../../organizations/sync.ts';
import type { SyncLine } from '../../organizations/sync-lines.ts';
import { mayNotRaise } from '../../organizations/sync-people.ts';
import { mayNotBind } from '../../organizations/sync-subjects.ts';
import type { Work } from '../../storage/engine/database.ts';
import type { File, Incoming } from './call.ts';
import { callerOf } from './conditions.ts';
import { doneBefore, type LineReport, OvertakenError, underKey } from './import-keys.ts';
import { batchesOf, LineTooLongError, type ReadLine, readLine } from './import-lines.ts';
import { problemBody } from './problems.ts';

/** What the answer is. */
export const importType = 'application/x-ndjson; charset=utf-8';

const batchSize = 1_000;
/** Lines of the answer. */
const linesAtOnce = 100;

/** Imports into an organization. */
export function importFile(
  work: Work,
  actor: Actor,
  target: Required<SyncTarget>,
  incoming: Incoming,
): File {
  return { type: importType, lines: answerLines({ work, actor, ...target, ...incoming }) };
}

interface Import extends Incoming, Required<SyncTarget> {
  readonly work: Work;
  readonly actor: Actor;
}

async function* answerLines(wanted: Import): AsyncGenerator<string> {
  let lines = 0;
  let applied = 0;
  let batches = 0;
  const pause = createPauses();
  try {
    for await (const batch of batchesOf(wanted.chunks, batchSize)) {
      const reports = await importBatch(wanted, batches, batch);
      batches += 1;
      applied += reports.filter(({ outcome }) => isApplied(outcome)).length;
      for (let from = 0; from < reports.length; from += linesAtOnce) {
        const some = reports.slice(from, from + linesAtOnce);
        yield some.map((one) => `${JSON.stringify({ line: ++lines, ...one })}\n`).join('');
        await pause();
      }
    }
    yield `${JSON.stringify({ done: true, lines, applied })}\n`;
  } catch (error) {
    // The status is out already; without the good last line the reader knows that it broke off.
    yield `${JSON.stringify({ done: false, lines, applied, problem: brokenOff(error, wanted) })}\n`;
  }
}

function isApplied(outcome: LineReport['outcome']): boolean {
  return outcome !== 'refused' && outcome !== 'not_applied';
}

function brokenOff(error: unknown, { report }: Import): unknown {
  if (error instanceof LineTooLongError) return { detail: 'A line is longer than any good one.' };
  const { body } = problemBody(error);
  if (body.status >= 500) report(error);
  return body;
}

async function importBatch(wanted: Import, number: number, batch: Buffer[]): Promise<LineReport[]> {
  const key = batchKey(wanted, number);
  const done = key === undefined ? [] : await doneBefore(wanted.work, key, batch);
  if (done.length === batch.length) return done;
  try {
    const rest = await importRest(wanted, batch, { key, done });
    return [...done, ...rest];
  } catch (error) {
    if (error instanceof OvertakenError) return importBatch(wanted, number, batch);
    throw error;
  }
}

interface Before {
  readonly key: Buffer | undefined;
  readonly done: readonly LineReport[];
}

/** Does what is left of a batch whose first lines were done before, all or none. */
async function importRest(
  { work, actor, organizationId, subjects }: Import,
  batch: readonly Buffer[],
  { key, done }: Before,
): Promise<LineReport[]> {
  const lines = await mapWithPauses(batch.slice(done.length), readLine);
  if (!areRead(lines)) {
    // The caller's right is asked for every batch.
    const powers = await work.run(async (tx) => ({
      isRaiser: await mayRaise(tx, actor),
      isBinder: (await subjects?.mayBind(tx)) === true,
    }));
    return lines.map((line) => reportOfReading(line, powers));
  }
  const report = (results: unknown) => [...done, ...reportsOfDoing(lines, results as Synced[])];
  const keyed =
    key === undefined ? work : underKey(work, { key, batch, done: done.length, report });
  try {
    return reportsOfDoing(
      lines,
      await syncBatch(keyed, actor, { organizationId, subjects }, lines),
    );
  } catch (error) {
    if (error instanceof BatchRefusedError) {
      return error.results.map((result) =>
        result.outcome === 'refused' ? reportOfRefusal(result.refusal) : notApplied,
      );
    }
    // What no single line is to blame for: two that would have to be done at the same time.
    if (error instanceof RefusedError && error.refusal.code === 'conflict') {
      const { reason } = error.refusal;
      return lines.map(() => ({ ...notApplied, reason }));
    }
    throw error;
  }
}

const notApplied: LineReport = { outcome: 'not_applied' };

function areRead(lines: readonly ReadLine[]): lines is readonly SyncLine[] {
  return lines.every((line) => !('faults' in line));
}

/** What the client may make of people. */
interface Powers {
  readonly isRaiser: boolean;
  readonly isBinder: boolean;
}

function reportOfReading(line: ReadLine, { isRaiser, isBinder }: Powers): LineReport {
  if ('faults' in line) return { outcome: 'refused', errors: line.faults };
  if (line.type !== 'member') return notApplied;
  const errors = [
    ...(isAdministratorRole(line.role ?? memberRole) && !isRaiser ? [mayNotRaise] : []),
    ...('subject' in line.who && !isBinder ? [mayNotBind] : []),
  ];
  return errors.length > 0 ? { outcome: 'refused', errors } : notApplied;
}

function reportOfRefusal(refusal: Refusal): LineReport {
  if (refusal.code === 'invalid') return { outcome: 'refused', errors: refusal.fields };
  return { outcome: 'refused', reason: 'reason' in refusal ? refusal.reason : refusal.code };
}

function reportsOfDoing(lines: readonly SyncLine[], results: readonly Synced[]): LineReport[] {
  return results.map((result, at) => {
    if (result.outcome === 'absent') return { outcome: 'unchanged' };
    const { outcome, id } = result;
    const type = lines[at]?.type;
    const kind = type === 'database' || type === 'branch' ? type : 'user';
    return { outcome, id: printId(kind, id) };
  });
}

function batchKey({ actor, organizationId, key }: Import, number: number): Buffer | undefined {
  if (key === undefined) return undefined;
  return sha256(JSON.stringify(['import', ...callerOf(actor), organizationId, key, number]));
}
