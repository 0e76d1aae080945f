/**
 * `npm run bench`: all candidates, or those of `--only`, in one table.
 *
 * @module
 */

import type { Bench, Candidate, Group } from './bench.ts';
import { limit, limitPg } from './limits.ts';
import { measure, tell, warmUp } from './measure.ts';
import { UsageError } from './options.ts';
import { providerMemory, providerPg } from './providers.ts';
import type { Table } from './report.ts';
import { usher } from './usher.ts';

const groups: readonly Group[] = [limit, limitPg, providerMemory, providerPg, usher];

/** Prepares and measures the candidates. */
export async function measureTable(bench: Bench): Promise<Table> {
  const candidates = await prepare(bench);
  await warmUp(bench, candidates);
  return { baseline: 'limit', measurements: await measure(bench, candidates) };
}

/** @throws {UsageError} there is no candidate of such a name. */
export function checkNames(only: readonly string[] | undefined): void {
  const names = groups.flatMap((group) => group.names);
  const unknown = (only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`unknown candidate ${unknown.join(', ')}; there are ${names.join(', ')}`);
  }
}

async function prepare(bench: Bench): Promise<Candidate[]> {
  const { only } = bench.options;
  const isWanted = (name: string) => only === undefined || only.includes(name);
  const candidates: Candidate[] = [];
  for (const group of groups.filter(({ names }) => names.some(isWanted))) {
    tell(`preparing ${group.names.join(', ')}`);
    candidates.push(...(await group.prepare(bench)));
  }
  return candidates.filter(({ name }) => isWanted(name));
}
