/** The published JSON Schemas say what the program checks. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultDirectory } from '../../src/catalogue-files/load.ts';
import { schemaDirectory, schemaTexts } from '../../src/catalogue-files/schemas.ts';

test('each schema is the form that the program checks: npm run catalogue -- schemas', () => {
  const published = new Map(
    readdirSync(schemaDirectory).map((name) => [
      name,
      JSON.parse(readFileSync(join(schemaDirectory, name), 'utf8')),
    ]),
  );
  const made = new Map(Array.from(schemaTexts(), ([name, text]) => [name, JSON.parse(text)]));
  expect(published).toEqual(made);
});

test('each file of the default catalogue names its schema', () => {
  for (const file of readdirSync(defaultDirectory)) {
    const { $schema } = JSON.parse(readFileSync(join(defaultDirectory, file), 'utf8'));
    expect(readdirSync(schemaDirectory), file).toContain($schema.replace('../schemas/', ''));
  }
});
