/**
 * Registration access tokens (RFC 7592 section 3), one for each client that registered itself, as
 * SHA-256 in `provider_records`. They end with their client.
 *
 * Source: migrations/20261122001600-provider-records.ts.
 *
 * The table `registration_ceiling`: the most that applications which registered themselves may ask for,
 * and so the bound of their tokens. What such an application registered is only its default request,
 * since it could register anew with more.
 *
 * It is in the database so that all nodes bound by the same, in the statement that reads everything
 * else of an answer.
 *
 * Source: migrations/20261128205500-registration-ceiling.ts.
 *
 * Clients that registered themselves and that nobody ever took up.
 *
 * @module
 */

import { allScopes, formatScope, parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
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

/** Gives the client a new token, which replaces the one it has. @param token the SHA-256 of the new one. */
export async function replaceRegistrationAccessToken(
  tx: Db,
  clientId: string,
  token: Buffer,
): Promise<void> {
  await tx.query(removeOld, [clientId]);
  await tx.query(insert, [token, clientId]);
}

/** As `writtenBound` and in a row: no bound but the catalogue itself. */
export const wholeCatalogue = '*';

/**
 * The scopes that bound a client, as text: what it is registered for, or the ceiling.
 *
 * @param row an alias of `clients`.
 */
export const writtenBound = (row: string) => `
  case when ${row}.is_dynamic
    then coalesce((select r.scope from registration_ceiling r), '${wholeCatalogue}')
    else ${row}.scope end`;

const bounding = statement(`select ${writtenBound('k')} as scope from clients k where k.id = $1`);

/** @returns the scopes that bound the tokens of a client, see `writtenBound`; none where there is no such client. */
export async function boundingScopes(db: Db, clientId: string): Promise<ScopeSet> {
  const [row] = await db.query<{ scope: string }>(bounding, [clientId]);
  return row?.scope === wholeCatalogue ? allScopes : parseScopeSet(row?.scope ?? '');
}

const update = statement(
  'update registration_ceiling set scope = $1 where scope is distinct from $1',
);

/** Sets the ceiling for all nodes, in force with the next question; undefined is the whole catalogue. */
export async function saveRegistrationCeiling(db: Db, scopes: ScopeSet | undefined): Promise<void> {
  await db.query(update, [scopes === undefined ? null : formatScope(scopes)]);
}

/** What a document said can be fetched again as soon as somebody comes with its address. */
const isForgettable = `exists (
      select from client_documents d
      where d.client_id = c.id and d.fetched_at < now() - interval '1 day')`;

/** Clients that somebody consents to at this moment are passed over: their rows are held. */
const holdUnused = statement(`
  select c.id from clients c
  where c.is_dynamic and not c.is_verified and c.status = 'active' and c.owner_organization_id is null
    and (c.created_at < now() - make_interval(days => $1) or ${isForgettable})
    and not exists (select from client_documents d where d.client_id = c.id and d.is_pinned)
    and not exists (select from consents where client_id = c.id)
    and not exists (select from application_approvals where client_id = c.id)
    and not exists (select from client_secrets where client_id = c.id and last_used_at is not null)
  order by c.created_at limit $2 for update of c skip locked`);
/** Looks again: a consent may have come between the look and the holdUnused, and none can come after. */
const remove = statement(`
  delete from clients c
  where c.id = any($1::text[])
    and not exists (select from consents where client_id = c.id)
    and not exists (select from application_approvals where client_id = c.id)
  returning c.id`);

/**
 * Deletes clients that registered themselves, at least `days` ago, or that are known by a document which
 * was fetched more than a day ago, and that have no consent, no
 * organization's approval and never used their secret. Verified and suspended ones stay: an operator
 * has dealt with them.
 *
 * @param limit at most so many.
 * @returns the ids of those that were deleted.
 */
export async function deleteUnusedClients(tx: Db, days: number, limit: number): Promise<string[]> {
  const held = await tx.query<{ id: string }>(holdUnused, [days, limit]);
  if (held.length === 0) return [];
  const ids = held.map(({ id }) => id);
  return (await tx.query<{ id: string }>(remove, [ids])).map(({ id }) => id);
}
