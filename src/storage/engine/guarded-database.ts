/**
 * A database for one caller: each transaction begins with the question whether they may still act.
 *
 * Between a first check and the work a body may arrive slowly; whatever ended meanwhile is seen
 * here, in the transaction of the work itself.
 *
 * @module
 */

import type { Database, Db } from './database.ts';

/** Throws where the caller may not act any more; holds what it read until the transaction ends. */
export type Guard = (tx: Db) => Promise<void>;

/** @returns the same database, with `guard` before the work of every transaction. */
export function guarded(db: Database, guard: Guard): Database {
  const transaction: Database['transaction'] = (work) =>
    db.transaction(async (tx) => {
      await guard(tx);
      return work(tx);
    });
  // The guard holds rows, which a transaction that only reads cannot.
  return { ...db, transaction, readTransaction: transaction };
}
