/**
 * One token request is one transaction: what fails half-way leaves nothing behind.
 *
 * The library's adapter finds the transaction of its request here. It begins with the first
 * statement, so a client that sends its body slowly holds nothing. It is rolled back when the
 * answer is an error, with one exception: detected reuse commits, since the revocation is the point.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Database, type Db, statement, type Transaction } from '../storage/database.ts';
import type { StoredGrant } from '../storage/grants.ts';
import { recordOnce } from '../storage/provider-records.ts';

/** What the parts of the provider tell each other about the request at hand. */
export interface TokenRequest {
  readonly db: Db;
  /** Set by a revocation: commit even if the answer is an error. */
  commitAnyway: boolean;
  /** A spent code came back so soon that it is a duplicate, not a theft: its grant stays. */
  isDuplicate: boolean;
  /** A spent refresh token came back as an identical retry: answer this again, change nothing. */
  retryAnswer: string | undefined;
  /** The grant of the code or refresh token at hand, which was read and is held with it. */
  heldGrant: { readonly id: string; readonly grant: StoredGrant } | undefined;
  /** Proofs seen (hashed id, lifetime in seconds): remembered also when the request is rolled back. */
  readonly seenProofs: [id: Buffer, lifetimeSeconds: number][];
  /** They were stored before anything was changed: what follows is undone without them. */
  isUndoneToProofs: boolean;
}

const requests = new AsyncLocalStorage<TokenRequest>();

/** The token request that is being answered; undefined on every other route. */
export function currentRequest(): TokenRequest | undefined {
  return requests.getStore();
}

/**
 * Runs a token request.
 *
 * @param work answers the request. @returns whether it succeeded.
 * @throws {DatabaseUnavailableError} also when the commit fails: the answer must not be sent then.
 */
export async function inTokenRequest(
  database: Database,
  work: (request: TokenRequest) => Promise<boolean>,
): Promise<void> {
  let begun: Promise<Transaction> | undefined;
  const begin = () => {
    begun ??= database.begin();
    return begun;
  };
  const request: TokenRequest = {
    db: oneAtATime(begin),
    commitAnyway: false,
    isDuplicate: false,
    retryAnswer: undefined,
    heldGrant: undefined,
    seenProofs: [],
    isUndoneToProofs: false,
  };
  let succeeded = false;
  try {
    succeeded = await requests.run(request, () => work(request));
  } finally {
    const tx = await begun;
    const keeps = (succeeded && request.retryAnswer === undefined) || request.commitAnyway;
    if (keeps) await tx?.commit();
    else await undo(database, tx, request);
  }
}

/** The library revokes several kinds of token at once; one connection takes one statement at a time. */
function oneAtATime(begin: () => Promise<Transaction>): Db {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query: (statement, values) => {
      const next = last.then(async () => (await begin()).query(statement, values));
      last = next.catch(() => {});
      return next as Promise<never>;
    },
  };
}

const toProofs = statement('rollback to savepoint proofs');

/** Nobody else may take a proof in between, so the transaction that stored it commits it, if it can. */
async function undo(
  database: Database,
  tx: Transaction | undefined,
  request: TokenRequest,
): Promise<void> {
  if (tx !== undefined && request.isUndoneToProofs && (await succeeds(tx.query(toProofs)))) {
    return tx.commit();
  }
  await tx?.rollback();
  await rememberProofs(database, request);
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

async function rememberProofs(database: Database, { seenProofs }: TokenRequest): Promise<void> {
  for (const [id, lifetimeSeconds] of seenProofs) await recordOnce(database, id, lifetimeSeconds);
}
