/**
 * Measuring: a warm-up, then rounds in which every candidate has its turn, then medians.
 *
 * @module
 */

import { type Bench, type Candidate, warmUpSeconds } from './bench.ts';
import { sendLoad } from './load.ts';
import { processSeconds, residentMegabytes } from './processor-time.ts';

/** What was measured of one candidate: medians over the rounds. */
export interface Measurement {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly serverMicroseconds: number;
  /** Undefined where the database is not ours to look at. */
  readonly databaseMicroseconds: number | undefined;
  /** Per request; undefined where nobody counts them. */
  readonly statements: number | undefined;
  readonly megabytes: number;
  readonly startMilliseconds: number;
  /** In all runs; anything above 0 makes the other figures worthless. */
  readonly failures: number;
  readonly firstFailure: string | undefined;
}

/** One run's share of a measurement. */
type Run = Omit<Measurement, 'name' | 'megabytes' | 'startMilliseconds'>;

/** Calls every candidate for a while: then its code is compiled, and what it reads is in memory. */
export async function warmUp(
  bench: Bench,
  candidates: readonly Candidate[],
  seconds = warmUpSeconds,
): Promise<void> {
  for (const candidate of candidates) {
    tell(`warming up ${candidate.name}`);
    await runOnce(bench, candidate, seconds);
  }
}

/** Measures all candidates, interleaved, so that the machine's moods meet them alike. */
export async function measure(
  bench: Bench,
  candidates: readonly Candidate[],
): Promise<Measurement[]> {
  const { rounds, seconds } = bench.options;
  const runs = new Map<Candidate, Run[]>(candidates.map((candidate) => [candidate, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const candidate of candidates) {
      tell(`round ${round} of ${rounds}: ${candidate.name}`);
      runs.get(candidate)?.push(await runOnce(bench, candidate, seconds));
    }
  }
  return candidates.map((candidate) => summarize(candidate, runs.get(candidate) ?? []));
}

async function runOnce(bench: Bench, candidate: Candidate, seconds: number): Promise<Run> {
  const { directory, options } = bench;
  const { server } = candidate;
  const load = candidate.nextLoad();
  const before = await countersOf(bench, candidate);
  const to = { origin: server.origin, connections: options.connections, seconds, directory };
  const result = await sendLoad(load, to);
  const after = await countersOf(bench, candidate);
  const perRequest = (from: number | undefined, until: number | undefined) =>
    from === undefined || until === undefined
      ? undefined
      : (until - from) / Math.max(1, result.requests);
  const micro = (value: number | undefined) => (value === undefined ? undefined : value * 1e6);
  return {
    requestsPerSecond: result.requests / result.seconds,
    p50Milliseconds: result.p50Milliseconds,
    p99Milliseconds: result.p99Milliseconds,
    serverMicroseconds: micro(perRequest(before.server, after.server)) ?? 0,
    databaseMicroseconds: micro(perRequest(before.database, after.database)),
    statements: perRequest(before.statements, after.statements),
    failures: result.failures,
    firstFailure: result.firstFailure,
  };
}

async function countersOf({ cluster }: Bench, { server: { pid, database } }: Candidate) {
  return {
    server: processSeconds(pid),
    database: database === undefined ? 0 : cluster.processorSeconds(),
    statements: database === undefined ? 0 : await cluster.statements(database),
  };
}

function summarize({ name, server }: Candidate, runs: readonly Run[]): Measurement {
  const middle = (of: (run: Run) => number) => median(runs.map(of));
  const known = (of: (run: Run) => number | undefined) =>
    runs.some((run) => of(run) === undefined) ? undefined : middle((run) => of(run) ?? 0);
  return {
    name,
    requestsPerSecond: middle((run) => run.requestsPerSecond),
    p50Milliseconds: middle((run) => run.p50Milliseconds),
    p99Milliseconds: middle((run) => run.p99Milliseconds),
    serverMicroseconds: middle((run) => run.serverMicroseconds),
    databaseMicroseconds: known((run) => run.databaseMicroseconds),
    statements: known((run) => run.statements),
    megabytes: residentMegabytes(server.pid),
    startMilliseconds: server.startMilliseconds,
    failures: runs.reduce((sum, { failures }) => sum + failures, 0),
    firstFailure: runs.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure,
  };
}

/** @returns the middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Says on standard error what is being done. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
