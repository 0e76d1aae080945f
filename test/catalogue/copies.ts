/** Copies of a catalogue that tests change; they are gone after the test. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { defaultDirectory } from '../../src/catalogue-files/load.ts';

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

/** Copies a catalogue, the default one unless told. @returns the copy's directory. */
export function copy(of: string = defaultDirectory): string {
  const directory = mkdtempSync(join(tmpdir(), 'usher-catalogue-'));
  made.push(directory);
  cpSync(of, directory, { recursive: true });
  return directory;
}

// biome-ignore lint/suspicious/noExplicitAny: a test breaks files in ways that no type allows
export type Json = any;

/** Changes one file of a catalogue. */
export function change(directory: string, file: string, by: (json: Json) => void): void {
  const path = join(directory, file);
  const json = JSON.parse(readFileSync(path, 'utf8'));
  by(json);
  writeFileSync(path, JSON.stringify(json));
}

type Change = [file: string, by: (json: Json) => void];

/** A scope that the default catalogue does not have. */
export const tune = 'database:tune_queries';

/** What adds it, as a platform would. */
export const oneMoreScope: readonly Change[] = [
  [
    'scopes.json',
    (json) =>
      json.scopes.push({
        scope: tune,
        actsOn: 'database',
        requires: ['view_query_statistics'],
        effect: 'change',
        description: 'Tune queries',
      }),
  ],
  ['words.en.json', (json) => (json.scopes.tune_queries = 'Tune slow queries')],
];

/** A copy of the default catalogue in which some files are changed. */
export function changed(...changes: readonly Change[]): string {
  const directory = copy();
  for (const [file, by] of changes) change(directory, file, by);
  return directory;
}
