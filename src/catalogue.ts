/**
 * `npm run catalogue -- <command>`: works on the files of a catalogue, without a database.
 *
 *     check PATH   every fault of a catalogue, and of a brand.json beside it; exit code 1 when there are any
 *     diff A B     what becomes different when B replaces A; exit code 0, whether or not
 *     schemas      writes the JSON Schemas of the files to config/catalogue/schemas
 *
 * A command line that means nothing ends with 2.
 *
 * @module
 */

import { compareCatalogues } from './catalogue-files/compare.ts';
import { CatalogueError } from './catalogue-files/faults.ts';
import { type Catalogue, loadCatalogue, loadWithBrand } from './catalogue-files/load.ts';
import { writeSchemas } from './catalogue-files/schemas.ts';
import { findWidening, reachOf } from './catalogue-files/widening.ts';

const usage = `npm run catalogue -- check PATH   every fault of the catalogue in a directory
npm run catalogue -- diff A B     what becomes different when B takes the place of A
npm run catalogue -- schemas      writes the JSON Schemas of the files
`;

try {
  run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CatalogueError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function run([command = '', ...paths]: readonly string[]): void {
  const [first, second] = paths;
  const count = paths.length;
  if (command === 'check' && first !== undefined && count === 1) {
    say(summary(loadWithBrand(first).catalogue));
  } else if (command === 'diff' && first !== undefined && second !== undefined && count === 2) {
    say(differences(loadCatalogue(first), loadCatalogue(second)));
  } else if (command === 'schemas' && count === 0) {
    say(writeSchemas().join('\n'));
  } else {
    process.stderr.write(usage);
    process.exitCode = 2;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function summary({ directory, files, digest }: Catalogue): string {
  const { organization, database, base } = files['roles.json'];
  const roles = organization.length + database.length + base.length;
  const permissions = files['permissions.json'].permissions.length;
  return (
    `The catalogue ${directory} can be used: ${files['scopes.json'].scopes.length} scopes, ` +
    `${permissions} permissions, ${roles} roles.\nDigest ${digest}`
  );
}

function differences(before: Catalogue, after: Catalogue): string {
  const found = compareCatalogues(before.files, after.files);
  if (found.length === 0) return 'No scope, role or rule is different.';
  const wider = findWidening(reachOf(before.files), reachOf(after.files));
  return [
    ...found.map(({ about, sentence }) => `${about}: ${sentence}`),
    ...(wider.length === 0
      ? []
      : [
          '',
          'Where the first has served, the second cannot start. Give a new name to what reaches further:',
        ]),
    ...wider.map((sentence) => `  ${sentence}`),
  ].join('\n');
}
