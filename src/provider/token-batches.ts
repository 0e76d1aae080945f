/**
 * The two statements of a token request, shared by the requests that arrive together.
 *
 * @module
 */

import { createBatcher } from '../lib/batcher.ts';
import type { Database } from '../storage/engine/database.ts';
import { type Issuance, issueAfterOthers, issueTokens } from '../storage/tokens/issuance.ts';
import {
  type Redemption,
  type RedemptionQuestion,
  readRedemptions,
} from '../storage/tokens/redemptions.ts';

/** What a token request asks of the database. */
export interface TokenBatches {
  /** @returns undefined where no active client has that id. */
  read(question: RedemptionQuestion): Promise<Redemption | undefined>;
  /** @returns whether everything is stored; else nothing is. */
  issue(issuance: Issuance): Promise<boolean>;
}

/** Small enough that some requests are worked on while the database works for others. */
const reading = { inFlight: 2, size: 16 };
/** While one transaction is flushed, the next one gathers. */
const issuing = { inFlight: 1, size: 16 };

/** @returns the batches of one process. */
export function tokenBatches(database: Database): TokenBatches {
  const issueTogether = createBatcher<Issuance, boolean>(
    (all) => issueTokens(database, all),
    issuing,
  );
  return {
    read: createBatcher((questions) => readRedemptions(database, questions), reading),
    issue: async (issuance) =>
      (await issueTogether(issuance)) || issueAfterOthers(database, issuance),
  };
}
