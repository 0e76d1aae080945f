/**
 * The catalogue that this process uses: scopes, permissions, roles, rules and words. It is read once,
 * at the start, from the directory that the setting `CATALOGUE` names.
 *
 * @module
 */

import { CatalogueError } from '../catalogue-files/faults.ts';
import { type Catalogue, defaultDirectory, loadCatalogue } from '../catalogue-files/load.ts';

/** What this process uses. A process with a faulty catalogue does not start. */
export const catalogue: Catalogue = loadOrExit(process.env['CATALOGUE'] || defaultDirectory);

function loadOrExit(directory: string): Catalogue {
  try {
    return loadCatalogue(directory);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    process.stderr.write(`Usher cannot start.\n${error.message}\n`);
    process.exit(1);
  }
}
