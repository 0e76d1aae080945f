/**
 * One transaction around all that the library stores in one request.
 *
 * The library's storage asks here which connection to use, so its deletes and inserts commit
 * together or not at all. It sends some statements side by side; on one connection they take turns.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { limitConcurrency } from '../lib/concurrency-limit.ts';
import { brokeConstraint, type Database, type Db } from '../storage/engine/database.ts';

/** The transaction of the request at hand. */
interface RequestTransaction {
  readonly db: Db;
  /** The database ended the transaction, since two waited for each other; it may be done again. */
  isDeadlock: boolean;
}

const transactions = new AsyncLocalStorage<RequestTransaction>();

/** @returns the transaction of the request at hand; undefined when it has none. */
export function currentTransaction(): Db | undefined {
  return transactions.getStore()?.db;
}

/** What becomes of a transaction; `again`: it is rolled back, and may be done once more. */
export type Ending = 'commit' | 'rollback' | 'again';

/**
 * Runs `work`, and all that the library stores on its way, in one transaction.
 *
 * @param work says whether to keep what was stored; when it throws, nothing is.
 * @returns what became of it; `again` also where the database ended it, since two waited for each other.
 */
export async function inRequestTransaction(
  database: Database,
  work: (tx: Db) => Promise<Ending>,
): Promise<Ending> {
  const tx = await database.begin();
  const limited = limitConcurrency(1);
  const store: RequestTransaction = {
    isDeadlock: false,
    db: {
      query: async (statement, values) => {
        try {
          return await limited(() => tx.query<never>(statement, values));
        } catch (error) {
          if (brokeConstraint(error, deadlockDetected)) store.isDeadlock = true;
          throw error;
        }
      },
    },
  };
  let ending: Ending = 'rollback';
  try {
    ending = await transactions.run(store, () => work(store.db));
  } catch (error) {
    if (!store.isDeadlock) throw error;
  } finally {
    if (ending !== 'commit' || store.isDeadlock) await tx.rollback().catch(() => {}); // the first error is the one to report
  }
  if (store.isDeadlock) return 'again';
  if (ending === 'commit') await tx.commit();
  return ending;
}

const deadlockDetected = '40P01';
