/**
 * Registration access tokens (RFC 7592 section 3), one for each client that registered itself, as
 * SHA-256 in `provider_records`. They end with their client.
 *
 * Source: migrations/20261122001600-provider-records.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const kind = `'RegistrationAccessToken'`;
const select = statement(`select client_id from provider_records where kind = ${kind} and id = $1`);
const hold = statement(
  `select client_id from provider_records where kind = ${kind} and id = $1 for update`,
);
const removeOld = statement(`delete from provider_records where kind = ${kind} and client_id = $1`);
const insert = statement(
  `insert into provider_records (kind, id, client_id, payload) values (${kind}, $1, $2, '{}')`,
);

interface OwnerRow {
  client_id: string;
}

/** @returns the id of the client that the token manages; undefined when there is no such token. */
export async function findRegisteredClientId(db: Db, token: Buffer): Promise<string | undefined> {
  const [row] = await db.query<OwnerRow>(select, [token]);
  return row?.client_id;
}

/**
 * As `findRegisteredClientId`, and holds the token until the transaction ends: of two requests with
 * one token the second sees what the first did, a replaced token among it.
 */
export async function holdRegisteredClientId(tx: Db, token: Buffer): Promise<string | undefined> {
  const [row] = await tx.query<OwnerRow>(hold, [token]);
  return row?.client_id;
}

/** Gives the client a token in place of the one it has. @param token the SHA-256 of the new one. */
export async function replaceRegistrationAccessToken(
  tx: Db,
  clientId: string,
  token: Buffer,
): Promise<void> {
  await tx.query(removeOld, [clientId]);
  await tx.query(insert, [token, clientId]);
}
