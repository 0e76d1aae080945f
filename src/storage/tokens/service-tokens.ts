/**
 * Tokens of the platform's service clients: rows of `tokens` without a grant, since they belong to no
 * person.
 *
 * @module
 */

import { isServiceClientRow } from '../clients/service-clients.ts';
import { type Db, statement } from '../engine/database.ts';

const find = statement(`
  select client_id from tokens t
   where t.id = $1 and t.kind = 'ClientCredentials' and t.expires_at > now()
     and exists (select from clients k where k.id = t.client_id and ${isServiceClientRow('k')})`);

/** @returns the client whose live token this is, by SHA-256; undefined where client or token is over. */
export async function findServiceToken(db: Db, id: Buffer): Promise<string | undefined> {
  const [row] = await db.query<{ client_id: string }>(find, [id]);
  return row?.client_id;
}

const insert = statement(`
  insert into tokens (id, kind, client_id, scope, payload, expires_at)
  select $1, 'ClientCredentials', k.id, $3, $4, now() + make_interval(secs => $5)
    from clients k where k.id = $2 and ${isServiceClientRow('k')}
  returning client_id`);

/** A token to be stored. */
export interface NewServiceToken {
  /** SHA-256 of the token. */
  readonly id: Buffer;
  readonly clientId: string;
  readonly scope: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

/** @returns whether the client is a service client, active now; else nothing is stored. */
export async function insertServiceToken(db: Db, token: NewServiceToken): Promise<boolean> {
  const { id, clientId, scope, payload, lifetimeSeconds } = token;
  return (await db.query(insert, [id, clientId, scope, payload, lifetimeSeconds])).length === 1;
}

const read = statement(`
  select client_id, scope, payload, ceil(extract(epoch from expires_at - now()))::int as remaining
    from tokens where id = $1 and kind = 'ClientCredentials' and expires_at > now()`);

/** A token as it is stored. */
export interface StoredServiceToken
  extends Pick<NewServiceToken, 'clientId' | 'scope' | 'payload'> {
  readonly remainingSeconds: number;
}

interface TokenRow {
  client_id: string;
  scope: string;
  payload: Record<string, unknown>;
  remaining: number;
}

/** @returns the token, also one of a client that is suspended; undefined where there is none. */
export async function readServiceToken(
  db: Db,
  id: Buffer,
): Promise<StoredServiceToken | undefined> {
  const [row] = await db.query<TokenRow>(read, [id]);
  if (row === undefined) return undefined;
  const { client_id: clientId, scope, payload, remaining: remainingSeconds } = row;
  return { clientId, scope, payload, remainingSeconds };
}

const remove = statement(`delete from tokens where id = $1 and kind = 'ClientCredentials'`);

/** Deletes a token: it was revoked. */
export async function deleteServiceToken(db: Db, id: Buffer): Promise<void> {
  await db.query(remove, [id]);
}
