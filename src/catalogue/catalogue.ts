/**
 * The catalogue that this process uses: scopes, permissions, roles, rules and words, and how its pages
 * look. It is read once, at the start, from the directory that the setting `CATALOGUE` names and the file
 * that `BRAND` names.
 *
 * @module
 */

import { CatalogueError } from '../catalogue-files/faults.ts';
import {
  type CatalogueAndBrand,
  defaultDirectory,
  loadWithBrand,
} from '../catalogue-files/load.ts';

/** What this process uses. A process with a faulty catalogue or brand does not start. */
export const { catalogue, brand }: CatalogueAndBrand = loadOrExit(
  process.env['CATALOGUE'] || defaultDirectory,
  process.env['BRAND'] || undefined,
);

function loadOrExit(directory: string, brandPath: string | undefined): CatalogueAndBrand {
  try {
    return loadWithBrand(directory, brandPath);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    process.stderr.write(`Usher cannot start.\n${error.message}\n`);
    process.exit(1);
  }
}
