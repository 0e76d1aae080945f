/**
 * What is wrong with a catalogue: every fault at once, each with its path in the file and what would be right.
 *
 * @module
 */

import { closest, distance } from 'fastest-levenshtein';

/** One fault, in a sentence. */
export interface Fault {
  readonly file: string;
  /** Where in the file, such as `scopes[3].requires[0]`; '' for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The catalogue cannot be used; the message names every fault. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
  readonly code = 'catalogue';
  readonly faults: readonly Fault[];

  constructor(directory: string, faults: readonly Fault[]) {
    const lines = faults.map(({ file, path, message }) =>
      path === '' ? `  ${file}: ${message}` : `  ${file} ${path}: ${message}`,
    );
    super(`The catalogue ${directory} has ${faults.length} fault(s):\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/** @returns `there is no permission "x"; did you mean "y"?`, or without the question if none is near. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const nearest = known.length === 0 ? undefined : closest(name, known);
  const isNear = nearest !== undefined && distance(name, nearest) <= Math.max(2, name.length / 3);
  return `there is no ${what} "${name}"${isNear ? `; did you mean "${nearest}"?` : ''}`;
}

/** Prints a path of keys and positions. */
export function printPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((sum, step) => {
    if (typeof step === 'number') return `${sum}[${step}]`;
    return sum === '' ? String(step) : `${sum}.${String(step)}`;
  }, '');
}
