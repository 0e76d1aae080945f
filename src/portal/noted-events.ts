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

/** What is counted, by all in which it differs; and how many details there are of each kind. */
interface Counts {
  readonly events: Map<string, Count>;
  readonly details: Map<string, number>;
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
  const counts = () => ({ events: new Map(), details: new Map() });
  return { known: counts(), unknown: counts(), rows: [], rowsOfKind: new Map() };
}

/** @returns all counts, in no order. */
export function countsIn({ known, unknown }: NotedEvents): CountedEvent[] {
  return [...known.events.values(), ...unknown.events.values()];
}

/** Counts an event. Without its detail, it is one of few that an application can have. */
export function countEvent(noted: NotedEvents, event: CountedEvent): void {
  const { events, details } = event.isKnown ? noted.known : noted.unknown;
  const { clientId, kind, reason, detail } = event;
  const key = `${clientId} ${kind} ${reason} ${detail}`;
  const before = events.get(key);
  if (before !== undefined) {
    before.count += event.count;
    return;
  }
  if (detail === '') {
    if (events.size < mostCounts) events.set(key, { ...event });
    return;
  }
  const group = `${clientId} ${kind}`;
  const count = details.get(group) ?? 0;
  if (count >= mostDetails) {
    countEvent(noted, { ...event, detail: '' });
    return;
  }
  details.set(group, count + 1);
  events.set(key, { ...event });
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
