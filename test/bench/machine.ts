/**
 * What the machine has: processors to pin to, a load generator, a PostgreSQL.
 *
 * @module
 */

import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

/** The server under test has a processor of its own; load and database share the other. */
export const cores = { server: '0', rest: '1' } as const;

/** Something that the benchmark cannot do without is not there. */
export class MissingError extends Error {
  override readonly name = 'MissingError';
}

/** Whether processes can be bound to processors here. */
export const canPin = availableParallelism() >= 2 && findProgram('taskset') !== undefined;

/** @returns a command line that runs on that processor alone, where this can be had. */
export function pinned(core: string, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...rest] = command;
  return canPin ? ['taskset', '-c', core, ...command] : [program, ...rest];
}

/** @returns the path of a program; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

/** Whether the file is there and can be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
