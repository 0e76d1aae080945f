/**
 * What operators set for single clients: the column `settings` of the `clients` table.
 *
 * Source: migrations/20261128203500-client-settings.ts.
 *
 * @module
 */

import type { Client } from '../../clients/client.ts';
import type { ClientSettings } from '../../clients/client-settings.ts';
import { type Db, statement } from '../engine/database.ts';
import { type ClientRow, clientColumns, toClient } from './clients.ts';

const update = statement('update clients set settings = $2 where id = $1');
const select = statement(`
  select ${clientColumns} from clients k where k.settings <> '{}'
  order by k.created_at desc, k.id limit 1000`);

/** Replaces all settings of a client. */
export async function saveClientSettings(
  tx: Db,
  id: string,
  settings: ClientSettings,
): Promise<void> {
  await tx.query(update, [id, settings]);
}

/** @returns the clients with settings of their own, newest first, at most 1,000. */
export async function listClientsWithSettings(db: Db): Promise<Client[]> {
  return (await db.query<ClientRow>(select, [])).map(toClient);
}
