/**
 * The `client_secrets` table: several secrets a client, for rotation without downtime, as SHA-256.
 *
 * A secret that Usher makes has 256 bits, so its hash gives nothing away.
 *
 * Source: migrations/20261122001000-clients.ts.
 *
 * @module
 */

import { newId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import { type Db, statement } from './database.ts';

/** The last use is noted to the hour: a write for every authentication would cost more than it tells. */
const match = statement(`
  with hit as (
    select id, last_used_at is null or last_used_at < now() - interval '1 hour' as stale
    from client_secrets
    where client_id = $1 and secret_hash = $2 and (expires_at is null or expires_at > now())
    limit 1),
  noted as (
    update client_secrets s set last_used_at = now() from hit where s.id = hit.id and hit.stale)
  select id from hit`);
const insert = statement(
  'insert into client_secrets (id, client_id, secret_hash) values ($1, $2, $3)',
);

/** Whether this is one of the client's live secrets. */
export async function isClientSecret(db: Db, clientId: string, secret: string): Promise<boolean> {
  return (await db.query(match, [clientId, sha256(secret)])).length === 1;
}

/** Adds a secret beside those that the client has. */
export async function addClientSecret(db: Db, clientId: string, secret: string): Promise<void> {
  await db.query(insert, [newId(), clientId, sha256(secret)]);
}
