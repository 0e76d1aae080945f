/**
 * The table `registration_ceiling`: the most that applications which registered themselves may ask for,
 * and so the bound of their tokens. What such an application registered is only its default request,
 * since it could register anew with more.
 *
 * It is in the database so that all nodes bound by the same, in the statement that reads everything
 * else of an answer.
 *
 * Source: migrations/20261128205500-registration-ceiling.ts.
 *
 * @module
 */

import { formatScope, type ScopeSet } from '../../catalogue/scope-set.ts';
import { type Db, statement } from '../engine/database.ts';

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

const update = statement(
  'update registration_ceiling set scope = $1 where scope is distinct from $1',
);

/** Sets the ceiling for all nodes, in force with the next question; undefined is the whole catalogue. */
export async function saveRegistrationCeiling(db: Db, scopes: ScopeSet | undefined): Promise<void> {
  await db.query(update, [scopes === undefined ? null : formatScope(scopes)]);
}
