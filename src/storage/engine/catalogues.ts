/**
 * The `catalogues` table: each catalogue that ever served, by the digest of its content.
 *
 * @module
 */

import type { Files } from '../../catalogue-files/files.ts';
import type { Reach } from '../../catalogue-files/widening.ts';
import { type Db, statement } from './database.ts';

const hold = statement(`select pg_advisory_xact_lock(hashtext('catalogues'))`);
const select = statement(`
  select digest, content #> '{scopes.json,scopes}' as scopes, content #> '{rules.json,routes}' as routes
    from catalogues order by first_served_at`);
const insert = statement(
  'insert into catalogues (digest, content) values ($1, $2) on conflict do nothing',
);

/** A catalogue that served, as far as it decides how far scopes reach. */
export type ServedCatalogue = Reach & { readonly digest: string };

/**
 * Lets one node at a time bring its catalogue, until the transaction ends.
 *
 * @returns those that served, the first one first.
 */
export async function holdCatalogues(tx: Db): Promise<ServedCatalogue[]> {
  await tx.query(hold);
  return tx.query<ServedCatalogue & object>(select);
}

/** Keeps a catalogue that serves from now on. */
export async function keepCatalogue(tx: Db, digest: string, files: Files): Promise<void> {
  const { 'demo.json': _demo, ...content } = files;
  await tx.query(insert, [digest, JSON.stringify(content)]);
}
