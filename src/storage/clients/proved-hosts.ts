/**
 * The `client_proved_hosts` table: the host of an application's home page, which its developer has proved.
 *
 * A proof counts while the home page is on that host (`standingHost`); it is deleted when the page moves.
 *
 * @module
 */

import { homeHostOf } from '../../clients/home-page.ts';
import { type Db, statement } from '../engine/database.ts';

/** A proof, and when it was made. */
export interface ProvedHost {
  readonly host: string;
  readonly at: Date;
}

const select = statement('select host, at from client_proved_hosts where client_id = $1');
const save = statement(`
  insert into client_proved_hosts (client_id, host, at) values ($1, $2, now())
  on conflict (client_id) do update set host = excluded.host, at = excluded.at`);
const remove = statement('delete from client_proved_hosts where client_id = $1');

/** @returns the host that was proved, whether the home page is still there or not. */
export async function findProvedHost(db: Db, clientId: string): Promise<ProvedHost | undefined> {
  const [row] = await db.query<ProvedHost>(select, [clientId]);
  return row;
}

/** Writes that the host is proved now. */
export async function saveProvedHost(tx: Db, clientId: string, host: string): Promise<void> {
  await tx.query(save, [clientId, host]);
}

/** Ends a proof, if there is one. */
export async function deleteProvedHost(tx: Db, clientId: string): Promise<void> {
  await tx.query(remove, [clientId]);
}

/** @returns the proved host while the home page is on it. */
export function validProvedHost(
  proved: string | undefined,
  clientUri: string | undefined,
): string | undefined {
  return proved !== undefined && proved === homeHostOf(clientUri) ? proved : undefined;
}
