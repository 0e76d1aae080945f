/**
 * What was noted of applications and is not written yet: bounded, and apart by whether it is known who did it.
 *
 * @module
 */

import type { ApplicationEvent, CountedEvent } from '../storage/clients/application-events.ts';

/** Of what is known and of what is not, each. */
const mostCounts = 20_000;
/** Of one application and kind; the tables keep as many for a day. */
const mostDetails = 20;
/** Of one application and kind. */
const mostRowsOfKind = 5;
const mostRows = 2_000;

type Count = { -readonly [Key in keyof CountedEvent]: CountedEvent[Key] };

/** What is counted: of each application and kind, which are few there, by reason and detail. */
interface Counts {
  /** How many different ones there are. */
  size: number;
  readonly ofClients: Map<string, Map<string, Count[]>>;
}

/** Events in memory. */
export interface NotedEvents {
  readonly known: Counts;
  readonly unknown: Counts;
  readonly rows: ApplicationEvent[];
  readonly rowsOfKind: Map<string, number>;
}

/** @returns none yet. */
export function noEvents(): NotedEvents {
  const counts = () => ({ size: 0, ofClients: new Map() });
  return { known: counts(), unknown: counts(), rows: [], rowsOfKind: new Map() };
}

/** @returns all counts, in no order. */
export function countsIn({ known, unknown }: NotedEvents): CountedEvent[] {
  return [known, unknown].flatMap(({ ofClients }) =>
    [...ofClients.values()].flatMap((kinds) => [...kinds.values()].flat()),
  );
}

/** Counts an event. Without its detail, it is one of few that an application can have. */
export function countEvent(noted: NotedEvents, event: CountedEvent): void {
  const counts = event.isKnown ? noted.known : noted.unknown;
  const ofKind = counts.ofClients.get(event.clientId)?.get(event.kind) ?? [];
  for (const before of ofKind) {
    if (before.reason !== event.reason || before.detail !== event.detail) continue;
    before.count += event.count;
    return;
  }
  if (event.detail === '') {
    if (counts.size < mostCounts) put(counts, event);
  } else if (ofKind.filter(({ detail }) => detail !== '').length < mostDetails) {
    put(counts, event);
  } else {
    countEvent(noted, { ...event, detail: '' });
  }
}

function put(counts: Counts, event: CountedEvent): void {
  const { clientId, kind } = event;
  const ofClient = counts.ofClients.get(clientId) ?? new Map<string, Count[]>();
  const ofKind = ofClient.get(kind) ?? [];
  ofKind.push({ ...event });
  counts.ofClients.set(clientId, ofClient.set(kind, ofKind));
  counts.size++;
}

/** Keeps an event as a row, if there is room. */
export function addRow({ rows, rowsOfKind }: NotedEvents, event: CountedEvent, flow: string): void {
  const { clientId, kind, reason, detail } = event;
  const group = `${clientId} ${kind}`;
  const before = rowsOfKind.get(group) ?? 0;
  if (before >= mostRowsOfKind || rows.length >= mostRows) return;
  rowsOfKind.set(group, before + 1);
  rows.push({ clientId, kind, reason, detail, flow, at: new Date() });
}

/** Takes back what could not be written, before what came since. */
export function putBack(noted: NotedEvents, earlier: NotedEvents): void {
  for (const event of countsIn(earlier)) countEvent(noted, event);
  noted.rows.unshift(...earlier.rows);
  noted.rows.length = Math.min(noted.rows.length, mostRows);
}
