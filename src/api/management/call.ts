/**
 * What a row of the tables is run with, and what it can answer beside JSON.
 *
 * @module
 */

import type { FindTexts } from '../../fetching/text-records.ts';
import type { Actor } from '../../organizations/actor.ts';
import type { Reader, Work } from '../../storage/engine/database.ts';
import type { Reach } from './token-decision.ts';

/** A request that was read and checked as far as the table can. */
export interface Call<Ids = unknown, Query = unknown, Body = unknown> {
  /** For looking up and reading. */
  readonly db: Reader;
  /** The one unit of work of a request that changes something: its result is what is answered. */
  readonly work: Work;
  readonly actor: Actor;
  readonly at: Ids;
  readonly query: Query;
  readonly body: Body;
  /** The body as it comes; of a row with `line` alone, which has no `body`. */
  readonly incoming: Incoming | undefined;
  readonly reach: Reach;
  /** Without a slash at the end. */
  readonly issuer: string;
  /** Whether redirect URIs on loopback are refused of what runs on a server. */
  readonly production: boolean;
  /** Asks the name servers. */
  readonly findTexts: FindTexts;
  /** Seals the cursors; the same on every node. */
  readonly cursorKey: Buffer;
  /** The platform's own sign-in page, if sign-in is handed to it. */
  readonly signInUrl: string | undefined;
}

/** A body that is read as it comes. */
export interface Incoming {
  readonly chunks: AsyncIterable<Buffer>;
  /** The request's idempotency key. */
  readonly key: string | undefined;
  /** Writes a failure to the log, once the status is out. */
  readonly report: (error: unknown) => unknown;
}

/** A file instead of JSON. */
export interface File {
  readonly type: string;
  /** Undefined of what is read rather than kept. */
  readonly name?: string;
  readonly lines: AsyncIterable<string>;
}
