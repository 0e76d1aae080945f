/**
 * The forms of a catalogue's files as JSON Schemas, for editors and for other people's programs.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type FileName, files } from './files.ts';

/** Where the published schemas are: beside the catalogue that comes with Usher. */
export const schemaDirectory = join(import.meta.dirname, '../../config/catalogue/schemas');

/** @returns the text of each schema by its file's name, such as `scopes.schema.json`. */
export function schemaTexts(): ReadonlyMap<string, string> {
  return new Map(
    (Object.keys(files) as FileName[]).map((file) => {
      const title = `${file.split('.')[0]} of a catalogue`;
      const schema = { title, ...z.toJSONSchema(files[file], { io: 'input' }) };
      return [`${file.split('.')[0]}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
}

/** Writes every schema. @returns the paths of the files. */
export function writeSchemas(directory: string = schemaDirectory): string[] {
  mkdirSync(directory, { recursive: true });
  return Array.from(schemaTexts(), ([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  });
}
