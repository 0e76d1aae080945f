/**
 * The table `client_registrations`: public clients by the network and the metadata that they were
 * registered with, as digests.
 *
 * Source: migrations/ (client-registrations).
 *
 * @module
 */

import type { Client } from '../../clients/client.ts';
import { type Db, statement } from '../engine/database.ts';
import { type ClientRow, clientColumns, toClient } from './clients.ts';

/** What makes registrations different; SHA-256 each. */
export interface RegistrationKey {
  readonly network: Buffer;
  readonly fingerprint: Buffer;
}

const again = statement(`
  with same as (
    update client_registrations r set times = times + 1
     where r.network = $1 and r.fingerprint = $2
       and exists (select from clients c where c.id = r.client_id and c.status = 'active')
    returning r.client_id)
  select ${clientColumns} from clients k where k.id in (select client_id from same)`);
const isKnown = statement(`
  select from client_registrations r join clients c on c.id = r.client_id and c.status = 'active'
   where r.network = $1 and r.fingerprint = $2`);
/** One whose client was suspended makes room; of two at once the second gets the first one's. */
const insert = statement(`
  insert into client_registrations as r (network, fingerprint, client_id) values ($1, $2, $3)
  on conflict (network, fingerprint) do update set client_id = excluded.client_id, times = 1
    where exists (select from clients c where c.id = r.client_id and c.status <> 'active')
  returning client_id`);
const isShared = statement('select from client_registrations where client_id = $1 and times > 1');
const forget = statement('delete from client_registrations where client_id = $1');

/** Whether the same was registered before, from the same network, and works. */
export async function isRegisteredAlready(
  db: Db,
  { network, fingerprint }: RegistrationKey,
): Promise<boolean> {
  return (await db.query(isKnown, [network, fingerprint])).length > 0;
}

/** @returns the client that was registered the same way, counted once more; undefined without one. */
export async function registerAgain(
  tx: Db,
  { network, fingerprint }: RegistrationKey,
): Promise<Client | undefined> {
  const [row] = await tx.query<ClientRow>(again, [network, fingerprint]);
  return row && toClient(row);
}

/** @returns false where somebody else registered the same meanwhile. */
export async function saveRegistration(
  tx: Db,
  { network, fingerprint }: RegistrationKey,
  clientId: string,
): Promise<boolean> {
  return (await tx.query(insert, [network, fingerprint, clientId])).length > 0;
}

/** Whether a client was given to more than one who registered it. */
export async function isSharedRegistration(db: Db, clientId: string): Promise<boolean> {
  return (await db.query(isShared, [clientId])).length > 0;
}

/** The client is not what was registered any more: nobody gets it for that. */
export async function forgetRegistration(tx: Db, clientId: string): Promise<void> {
  await tx.query(forget, [clientId]);
}
