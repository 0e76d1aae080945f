/**
 * The `client_secrets` table: several secrets a client, for rotation without downtime, as SHA-256.
 *
 * A secret that Usher makes has 256 bits, so its hash gives nothing away.
 *
 * Source: migrations/20261122001000-clients.ts.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import { sha256 } from '../../lib/secrets.ts';
import { type Db, statement } from '../engine/database.ts';

const match = statement(`
  select id, last_used_at is null or last_used_at < now() - interval '1 hour' as stale
    from client_secrets
   where client_id = $1 and secret_hash = $2 and (expires_at is null or expires_at > now())
   limit 1`);
/** Nobody waits for another who notes it. */
const note = statement(`
  with free as (select id from client_secrets where id = $1 for update skip locked)
  update client_secrets s set last_used_at = now() from free where s.id = free.id`);
const insert = statement(`
  insert into client_secrets (id, client_id, secret_hash, name, expires_at)
  values ($1, $2, $3, $4, now() + make_interval(days => $5::int))`);
const list = statement(`
  select id, name, created_at, expires_at, last_used_at from client_secrets
  where client_id = $1 order by created_at, id`);
const remove = statement(
  'delete from client_secrets where client_id = $1 and id::text = $2 returning id',
);
const endAll = statement(`
  update client_secrets
     set expires_at = least(coalesce(expires_at, 'infinity'), now() + make_interval(secs => $2))
   where client_id = $1`);
const removeExpired = statement(
  'delete from client_secrets where client_id = $1 and expires_at <= now()',
);
const removeAll = statement('delete from client_secrets where client_id = $1');

/**
 * Whether this is one of the client's live secrets.
 *
 * The last use is noted to the hour: a write for every authentication would cost more than it is worth.
 * The answer does not wait for it, so that whoever only asks needs no database that can write.
 */
export async function isClientSecret(db: Db, clientId: string, secret: string): Promise<boolean> {
  const [hit] = await db.query<{ id: string; stale: boolean }>(match, [clientId, sha256(secret)]);
  if (hit?.stale) void db.query(note, [hit.id]).catch(() => {});
  return hit !== undefined;
}

/** What is known of a secret beside its value. */
export interface NewSecret {
  /** Else a new one. */
  readonly id?: string;
  /** At most 64 characters; else none. */
  readonly name?: string;
  /** After so many days it ends; else it does not. */
  readonly days?: number | undefined;
}

/** Adds a secret beside those that the client has. @returns the id under which it is listed. */
export async function addClientSecret(
  db: Db,
  clientId: string,
  secret: string,
  { id = newId(), name = '', days }: NewSecret = {},
): Promise<string> {
  await db.query(insert, [id, clientId, sha256(secret), name, days ?? null]);
  return id;
}

/** What is known of a secret; the secret itself is not stored. */
export interface ListedSecret {
  readonly id: string;
  /** '' where nobody named it. */
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  /** To the hour; undefined before the first use. */
  readonly lastUsedAt: Date | undefined;
}

interface SecretRow {
  id: string;
  name: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** @returns the client's secrets, oldest first; those that expired are among them. */
export async function clientSecretsOf(db: Db, clientId: string): Promise<ListedSecret[]> {
  const rows = await db.query<SecretRow>(list, [clientId]);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  }));
}

/** @returns whether the client had a secret of that id. */
export async function deleteClientSecret(db: Db, clientId: string, id: string): Promise<boolean> {
  return (await db.query(remove, [clientId, id])).length === 1;
}

export async function deleteClientSecrets(db: Db, clientId: string): Promise<void> {
  await db.query(removeAll, [clientId]);
}

/** Has all secrets of the client end after that time; one that ends sooner does so. */
export async function endClientSecrets(
  tx: Db,
  clientId: string,
  afterSeconds: number,
): Promise<void> {
  await tx.query(endAll, [clientId, afterSeconds]);
}

/** Removes the secrets that do not work any more. */
export async function deleteExpiredSecrets(tx: Db, clientId: string): Promise<void> {
  await tx.query(removeExpired, [clientId]);
}
