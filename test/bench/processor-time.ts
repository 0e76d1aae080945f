/**
 * What a process costs, read from /proc: processor time and resident memory.
 *
 * Source: proc(5), `/proc/<pid>/stat` and `/proc/<pid>/statm`.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, and memory in pages. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/** The fields of `/proc/<pid>/stat` after the name, by their number in the manual page. */
interface Stat {
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that ended and were waited for. */
  readonly endedTicks: number;
}

/** @returns the processor time of a process, all its threads, in seconds. */
export function processSeconds(pid: number): number {
  return (readStat(pid)?.ownTicks ?? 0) / ticksPerSecond;
}

/** As `processSeconds`, with all children that run or have ended: a PostgreSQL with its backends. */
export function familySeconds(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat?.parent === pid);
  const top = readStat(pid);
  const ticks = children.reduce((sum, stat) => sum + (stat?.ownTicks ?? 0), 0);
  return (ticks + (top?.ownTicks ?? 0) + (top?.endedTicks ?? 0)) / ticksPerSecond;
}

/** @returns the resident memory in MB (of 1,000,000 bytes). */
export function residentMegabytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(pages) * pageBytes) / 1e6;
}

function readStat(pid: number): Stat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** The name stands in parentheses and may hold anything, so the fields are counted from its end. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    ownTicks: field(14) + field(15),
    endedTicks: field(16) + field(17),
  };
}
