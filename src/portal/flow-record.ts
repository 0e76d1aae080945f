/**
 * Notes what happens to applications, off the path of the requests: in memory, written about once a second.
 *
 *   a request -> note (two maps) -> after a second, one transaction -> application_events, ..._counts
 *
 * A process that crashes loses the second that is not written yet, and a database that is away the
 * seconds that do not fit into memory. What nobody has proved has a budget of its own, in memory as in
 * the tables: it is only counted, and displaces nothing that is certain.
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import { addEventCounts, addEvents } from '../storage/clients/application-events.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { findCausesOfDeath } from '../storage/facts/token-inspection.ts';
import type { FlowFault } from './flow-faults.ts';
import {
  addRow,
  countEvent,
  countsIn,
  type NotedEvents,
  noEvents,
  putBack,
} from './noted-events.ts';
import { WrongSecrets } from './wrong-secrets.ts';

/** What can happen to an application. */
export type FlowKind =
  | 'asked'
  | 'ask_refused'
  | 'signed_in'
  | 'consented'
  | 'not_consented'
  | 'code_issued'
  | 'exchanged'
  | 'exchange_refused'
  | 'refreshed'
  | 'refresh_refused'
  | 'client_refused'
  | 'revoked'
  | 'token_checked'
  | 'token_denied';

/** Something that happened to an application that exists. */
export interface FlowEvent {
  readonly clientId: string;
  readonly kind: FlowKind;
  readonly reason?: FlowFault | undefined;
  readonly detail?: string | undefined;
  /** What the steps of one authorization have in common; nothing can be read from it. */
  readonly flow?: string | undefined;
  /** Whether a client that proved itself or a person who is signed in did it. */
  readonly isKnown: boolean;
  /** Whether it happens so often that no row is worth keeping. */
  readonly isOnlyCounted?: boolean | undefined;
}

/** The record of one process. */
export interface FlowRecord {
  note(event: FlowEvent): void;
  /** A dead token was asked about; whose it was is looked up later, of some. @param token in clear. */
  noteDeadToken(token: string): void;
  /** Somebody asked under this name with a wrong secret; whether it is a client's is seen when it is written. */
  noteWrongSecret(clientId: string): void;
  /** Writes what was noted. It never fails: what cannot be written now waits, as far as there is room. */
  flush(): Promise<void>;
}

const pauseMilliseconds = 1_000;
/** Dead tokens that are looked up, in one second. */
const mostDeadTokens = 100;
const longestDetail = 300;

/** @param onFailure hears why something could not be written. */
export function createFlowRecord(
  database: Database,
  onFailure: (error: unknown) => void,
): FlowRecord {
  let noted = noEvents();
  let deadTokens: Buffer[] = [];
  let wrongSecrets = new WrongSecrets();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const write = async () => {
    const taken = { events: noted, deadTokens, wrongSecrets };
    [noted, deadTokens, wrongSecrets] = [noEvents(), [], new WrongSecrets()];
    try {
      await taken.wrongSecrets.countIn(database, taken.events);
      await lookUpDead(database, taken);
      await store(database, taken.events);
    } catch (error) {
      onFailure(error);
      putBack(noted, taken.events);
      plan();
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  const plan = () => {
    timer ??= setTimeout(flush, pauseMilliseconds).unref();
  };

  return {
    note(event) {
      addTo(noted, event);
      plan();
    },
    noteDeadToken(token) {
      if (deadTokens.length >= mostDeadTokens) return;
      deadTokens.push(sha256(token));
      plan();
    },
    noteWrongSecret(clientId) {
      if (wrongSecrets.add(clientId)) plan();
    },
    flush,
  };
}

async function lookUpDead(
  db: Db,
  taken: { readonly events: NotedEvents; readonly deadTokens: readonly Buffer[] },
): Promise<void> {
  if (taken.deadTokens.length === 0) return;
  const found = await findCausesOfDeath(db, taken.deadTokens);
  for (const { clientId, cause } of found) {
    const reason = cause === 'expired' ? 'token-expired' : 'token-ended';
    addTo(taken.events, {
      ...{ clientId, kind: 'token_denied', reason },
      ...{ isKnown: true, isOnlyCounted: true },
    });
  }
}

async function store(database: Database, events: NotedEvents): Promise<void> {
  const counts = countsIn(events);
  if (counts.length === 0) return;
  await database.run(async (tx) => {
    await addEventCounts(tx, counts);
    await addEvents(tx, events.rows);
  });
}

function addTo(noted: NotedEvents, event: FlowEvent): void {
  const {
    clientId,
    kind,
    reason = '',
    detail = '',
    flow = '',
    isKnown,
    isOnlyCounted = false,
  } = event;
  const counted = { clientId, kind, reason, detail: printable(detail), isKnown, count: 1 };
  countEvent(noted, counted);
  if (isKnown && !isOnlyCounted) addRow(noted, counted, flow);
}

/** Whatever looks like a secret of ours in the wrong field is not written. */
function printable(detail: string): string {
  if (detail === '') return detail;
  return detail
    .replaceAll(/usher_\w+/g, '(secret)')
    .replaceAll(/[^\x20-\x7e…]/g, '?')
    .slice(0, longestDetail);
}
