/**
 * Whether this node's catalogue may serve on this database: no scope reaches further than it did under
 * any catalogue that served, and no role that somebody holds is missing.
 *
 * @module
 */

import type { Catalogue } from '../catalogue-files/load.ts';
import { findWidening, reachOf } from '../catalogue-files/widening.ts';
import { holdCatalogues, keepCatalogue } from '../storage/engine/catalogues.ts';
import type { Database } from '../storage/engine/database.ts';
import { findUnknownRoles, type HeldRole } from '../storage/people/held-roles.ts';

/** The catalogue may not serve on this database; the message says what to do. */
class CatalogueRefusedError extends Error {
  override readonly name = 'CatalogueRefusedError';
  readonly code = 'catalogue_refused';
}

/**
 * Keeps the catalogue among those that served.
 *
 * @throws {CatalogueRefusedError} it may not serve; nothing was kept.
 */
export async function admitCatalogue(database: Database, catalogue: Catalogue): Promise<void> {
  const { digest, files, directory } = catalogue;
  await database.run(async (tx) => {
    const served = await holdCatalogues(tx);
    const now = reachOf(files);
    const wider = new Set(served.flatMap((before) => findWidening(before, now)));
    const missing = await findUnknownRoles(tx);
    if (wider.size + missing.length > 0) {
      throw new CatalogueRefusedError(refusal(directory, [...wider], missing));
    }
    if (!served.some((before) => before.digest === digest)) await keepCatalogue(tx, digest, files);
  });
}

function refusal(directory: string, wider: string[], missing: readonly HeldRole[]): string {
  const lines = [`The catalogue ${directory} cannot serve on this database.`];
  if (wider.length > 0) {
    lines.push(
      'People consented to scopes that would reach further now. Give what reaches further a new name:',
      ...wider.map((sentence) => `  ${sentence}`),
    );
  }
  if (missing.length > 0) {
    lines.push(
      'People hold roles that it does not have. Put them back, or move the people first:',
      ...missing.map(missingRole),
    );
  }
  return lines.join('\n');
}

const kinds = {
  organization: 'organization role',
  database: 'database role',
  base: 'base role',
} as const;

function missingRole({ kind, role, people }: HeldRole): string {
  const who = people === 1 ? '1 person holds' : `${people} people hold`;
  return `  ${who} the ${kinds[kind]} ${role}: npm run operator -- role move ${role} TO`;
}
