/**
 * Reads a catalogue whole, from its directory.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checkFiles } from './check-files.ts';
import { CatalogueError } from './faults.ts';
import { type FileName, type Files, files as fileForms, type PlatformWords } from './files.ts';
import { readFiles } from './read-files.ts';

/** The catalogue that comes with Usher. */
export const defaultDirectory = join(import.meta.dirname, '../../config/catalogue/default');

/** The files of a catalogue that agree with each other. */
export interface Catalogue {
  readonly directory: string;
  readonly files: Files;
  /** What things are called, by language. */
  readonly words: ReadonlyMap<string, PlatformWords>;
  /** SHA-256 of the content, in hexadecimal: nodes with the same rules print the same. */
  readonly digest: string;
}

/**
 * Reads and checks a catalogue.
 *
 * @throws {CatalogueError} with every fault.
 */
export function loadCatalogue(directory: string): Catalogue {
  const read = readFiles(directory);
  const faults = [...read.faults, ...checkFiles(read)];
  if (faults.length > 0) throw new CatalogueError(directory, faults);
  const files = read.files as Files;
  return { directory, files, words: read.words, digest: digestOf(files, read.words) };
}

function digestOf(files: Files, words: Catalogue['words']): string {
  const rules = (Object.keys(fileForms) as FileName[]).filter((name) => name !== 'demo.json');
  const content = [
    ...rules.map((name) => [name, files[name]] as const),
    ...[...words].slice(1),
  ].map(([name, file]) => [name, { ...file, $schema: undefined }]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
