/**
 * `npm run bench -- profile usher:introspect`: the functions in which the server spends its time,
 * and the statements on which the database does.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Bench } from './bench.ts';
import type { StatementCost } from './cluster.ts';
import { measure, warmUp } from './measure.ts';
import { UsageError } from './options.ts';
import { prepareUsher } from './usher.ts';

/** The parts of V8's .cpuprofile that are read here. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node on top of the stack at each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

/** The time in a function itself, without what it calls. */
interface SelfTime {
  readonly place: string;
  /** Of the time in which the process was not idle. */
  readonly share: number;
}

const shown = 40;
const shownStatements = 15;
const root = join(import.meta.dirname, '../..');

/** @throws {UsageError} the subject is no candidate of Usher. */
export async function profile(bench: Bench): Promise<string> {
  const { subject, seconds } = bench.options;
  const flags = ['--cpu-prof', `--cpu-prof-dir=${bench.directory}`];
  await bench.cluster.countPlanning();
  const candidates = await prepareUsher(bench, flags);
  const chosen = candidates.find(({ name }) => name === subject);
  if (chosen === undefined) {
    throw new UsageError(`profile one of ${candidates.map(({ name }) => name).join(', ')}`);
  }
  const statementsOf = () => bench.cluster.dearestStatements(chosen.server.database ?? '');
  await warmUp(bench, [chosen]);
  const before = await statementsOf();
  const [measured] = await measure(bench, [chosen]);
  const statements = since(before, await statementsOf());
  await chosen.server.stop();
  const [file = ''] = readdirSync(bench.directory).filter((name) => name.endsWith('.cpuprofile'));
  const recorded = JSON.parse(readFileSync(join(bench.directory, file), 'utf8')) as CpuProfile;
  const lines = selfTimes(recorded)
    .slice(0, shown)
    .map(({ place, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${place}`);
  const rate = `${measured?.requestsPerSecond.toFixed(0)} requests/s over ${seconds} s, profiled`;
  return `${[`${chosen.name}: ${rate}`, '', ...lines, '', ...statements.map(printCost)].join('\n')}\n`;
}

/** What statements cost between two readings, the dearest first. */
function since(before: readonly StatementCost[], after: readonly StatementCost[]): StatementCost[] {
  const costs = new Map(before.map((cost) => [cost.text, cost]));
  return after
    .map(({ text, calls, milliseconds, planningMilliseconds }) => {
      const from = costs.get(text);
      return {
        text,
        calls: calls - (from?.calls ?? 0),
        milliseconds: milliseconds - (from?.milliseconds ?? 0),
        planningMilliseconds: planningMilliseconds - (from?.planningMilliseconds ?? 0),
      };
    })
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, shownStatements);
}

function printCost({ text, calls, milliseconds, planningMilliseconds }: StatementCost): string {
  const each = (total: number) => `${((total / calls) * 1_000).toFixed(0)} µs`;
  const cost = `${each(milliseconds).padStart(10)} (planning ${each(planningMilliseconds)})`;
  return `${cost}, ${calls} calls  ${text.trim().slice(0, 100)}`;
}

/** Adds up the samples by function, the dearest first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const places = new Map(nodes.map((node) => [node.id, placeOf(node)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? '';
    if (place === '(idle)') continue;
    times.set(place, (times.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([place, time]) => ({ place, share: time / total }))
    .sort((a, b) => b.share - a.share);
}

function placeOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const file = url.startsWith('file://') ? relative(root, new URL(url).pathname) : url;
  return `${name}  ${file}:${lineNumber + 1}`;
}
