/**
 * Reads a catalogue whole, from its directory.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checkFiles } from './check-files.ts';
import { CatalogueError, type Fault } from './faults.ts';
import { type FileName, type Files, files as fileForms, type PlatformWords } from './files.ts';
import { type Brand, brandBeside, ownBrand, type ReadBrand, readBrand } from './load-brand.ts';
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

/** A catalogue, and how its pages look. */
export interface CatalogueAndBrand {
  readonly catalogue: Catalogue;
  readonly brand: Brand;
}

/**
 * Reads and checks a catalogue with a brand.
 *
 * @param brandPath the brand's file; without it the one beside the catalogue, or Usher's own look.
 * @throws {CatalogueError} with every fault of both.
 */
export function loadWithBrand(directory: string, brandPath?: string): CatalogueAndBrand {
  const path = brandPath ?? brandBeside(directory);
  const { brand = ownBrand, faults: ofBrand } = path === undefined ? noBrand : readBrand(path);
  const { catalogue, faults } = readCatalogue(directory);
  const all = [...faults, ...ofBrand];
  if (catalogue === undefined || all.length > 0) throw new CatalogueError(directory, all);
  return { catalogue, brand };
}

const noBrand: ReadBrand = { faults: [] };

/**
 * Reads and checks a catalogue.
 *
 * @throws {CatalogueError} with every fault.
 */
export function loadCatalogue(directory: string): Catalogue {
  const { catalogue, faults } = readCatalogue(directory);
  if (catalogue === undefined) throw new CatalogueError(directory, faults);
  return catalogue;
}

/** A catalogue, or everything that is wrong with it. */
interface ReadCatalogue {
  readonly catalogue?: Catalogue;
  readonly faults: readonly Fault[];
}

function readCatalogue(directory: string): ReadCatalogue {
  const read = readFiles(directory);
  const faults = [...read.faults, ...checkFiles(read)];
  if (faults.length > 0) return { faults };
  const files = read.files as Files;
  const digest = digestOf(files, read.words);
  return { catalogue: { directory, files, words: read.words, digest }, faults };
}

function digestOf(files: Files, words: Catalogue['words']): string {
  const rules = (Object.keys(fileForms) as FileName[]).filter((name) => name !== 'demo.json');
  const content = [
    ...rules.map((name) => [name, files[name]] as const),
    ...[...words].slice(1),
  ].map(([name, file]) => [name, { ...file, $schema: undefined }]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
