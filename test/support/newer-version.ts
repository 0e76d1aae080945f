/** The migrations of a version to come: those of this one, and one more. */

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownMigrations } from '../../src/storage/engine/schema.ts';

/** What the migration to come does. */
interface NextMigration {
  readonly up: string;
  readonly down: string;
  /** The newest migration that code must know to live with it; left out: code must know itself. */
  readonly runsWith?: string;
  /** Whether it runs outside of a transaction, as an index that is built beside traffic has to. */
  readonly isOutside?: boolean;
}

export interface NewerVersion {
  readonly directory: string;
  /** The name of its own migration. */
  readonly name: string;
  remove(): void;
}

/** Writes them into a directory that `remove` takes away. */
export function newerVersion({ up, down, runsWith, isOutside }: NextMigration): NewerVersion {
  const directory = mkdtempSync(join(tmpdir(), 'usher-newer-'));
  cpSync(ownMigrations, directory, { recursive: true });
  const name = '29990101000000-to-come.ts';
  const flag = runsWith === undefined ? '' : `export const runsWith = '${runsWith}';`;
  writeFileSync(
    join(directory, name),
    `${flag}
     ${isOutside ? 'export const config = { transaction: false };' : ''}
     export const up = (knex) => knex.schema.raw(${JSON.stringify(up)});
     export const down = (knex) => knex.schema.raw(${JSON.stringify(down)});`,
  );
  return { directory, name, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
