/**
 * The forms of a catalogue's files as JSON Schemas, for editors and for other people's programs.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { brandFile } from './brand-file.ts';
import { files } from './files.ts';

/** Where the published schemas are: beside the catalogue that comes with Usher. */
export const schemaDirectory = join(import.meta.dirname, '../../config/catalogue/schemas');

/** @returns the text of each schema by its file's name, such as `scopes.schema.json`. */
export function schemaTexts(): ReadonlyMap<string, string> {
  const forms: Readonly<Record<string, z.ZodType>> = { ...files, 'brand.json': brandFile };
  return new Map(
    Object.entries(forms).map(([file, form]) => {
      const title = `${file.split('.')[0]} of a catalogue`;
      const schema = { title, ...z.toJSONSchema(form, { io: 'input' }) };
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
