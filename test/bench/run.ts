/**
 * `npm run bench`: see options.ts for what it can be asked.
 *
 * Ends with 0 when everything was measured, 1 when an answer was wrong, 2 when the command line or
 * the machine does not allow it, 130 when it was interrupted.
 *
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureApi } from './api.ts';
import { askedTokens } from './asked-tokens.ts';
import type { Bench } from './bench.ts';
import { type Cleanup, createCleanup } from './cleanup.ts';
import { startCluster } from './cluster.ts';
import { measureGrowth } from './grow.ts';
import { generator } from './load.ts';
import { canPin, MissingError } from './machine.ts';
import { tell } from './measure.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { measurePages } from './pages.ts';
import { profile } from './profile.ts';
import { type Circumstances, printJson, printTables, type Table } from './report.ts';
import { checkNames, measureTable } from './table.ts';

const cleanup = createCleanup();
try {
  const options = readOptions(process.argv.slice(2));
  checkNames(options.only);
  process.exitCode = await run(options, cleanup);
} catch (error) {
  const isTold = error instanceof UsageError || error instanceof MissingError;
  if (!cleanup.isInterrupted()) tell(isTold ? error.message : String((error as Error).stack));
  process.exitCode = isTold ? 2 : 1;
} finally {
  await cleanup.run();
}

async function run(options: Options, cleanup: Cleanup): Promise<number> {
  const bench = await createBench(options, cleanup);
  switch (options.command) {
    case 'profile':
      process.stdout.write(await profile(bench));
      return 0;
    case 'api':
      return measureApi(bench);
    case 'pages':
      return measurePages(bench);
    case 'grow':
      return show(bench, await measureGrowth(bench), options.sizes);
    case 'table':
      return show(bench, [await measureTable(bench)], [options.tokens]);
  }
}

async function createBench(options: Options, cleanup: Cleanup): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-bench-files-'));
  cleanup.add(async () => rmSync(directory, { recursive: true, force: true }));
  const cluster = await startCluster(cleanup);
  const asked = askedTokens(options.tokens);
  return { options, cluster, cleanup, directory, asked };
}

/** @returns the exit status. */
function show(bench: Bench, tables: readonly Table[], tokens: readonly number[]): number {
  const { options, cluster } = bench;
  const { connections, seconds, rounds, isJson } = options;
  const circumstances: Circumstances = {
    processor: cpus()[0]?.model ?? 'unknown processor',
    node: process.version,
    database: cluster.description,
    generator,
    isPinned: canPin,
    connections,
    seconds,
    rounds,
    tokens,
  };
  process.stdout.write((isJson ? printJson : printTables)(circumstances, tables));
  const all = tables.flatMap(({ measurements }) => measurements);
  return all.some(({ failures }) => failures > 0) ? 1 : 0;
}
