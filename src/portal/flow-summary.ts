/**
 * What happened to an application in 30 days, as its developer looks at it: what goes wrong now, what
 * happened last, and how much there was on each day.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import {
  type ApplicationEvent,
  type DayCount,
  listEventCounts,
  listEvents,
} from '../storage/clients/application-events.ts';
import type { Db } from '../storage/engine/database.ts';
import type { FlowFault } from './flow-faults.ts';

/** Something that goes wrong, however often it did. */
export interface Problem {
  readonly kind: string;
  readonly reason: string;
  /** What was sent, where that can be compared. */
  readonly detail: string;
  readonly count: number;
  readonly lastAt: Date;
}

/** What one day had. */
export interface Day {
  /** As `2026-11-29`, in UTC. */
  readonly day: string;
  /** By kind. */
  readonly counts: ReadonlyMap<string, number>;
}

/** The steps of one authorization, in order; or one that belongs to none. */
type FlowSteps = readonly ApplicationEvent[];

/** All that is shown. */
export interface FlowSummary {
  /** What happened last is first. */
  readonly problems: readonly Problem[];
  readonly flows: readonly FlowSteps[];
  /** The newest first; days without anything are left out. */
  readonly days: readonly Day[];
}

const mostEvents = 50;
const mostProblems = 25;

/** Reads what is known of an application. Whoever calls this has looked whether it is the asker's. */
export async function summarizeFlow(db: Db, clientId: string): Promise<FlowSummary> {
  const [counts, events] = await Promise.all([
    listEventCounts(db, clientId),
    listEvents(db, clientId, mostEvents),
  ]);
  return { problems: problemsIn(counts), flows: flowsIn(events), days: daysIn(counts) };
}

/** @param events the newest first, as the flows are by their last step. */
function flowsIn(events: readonly ApplicationEvent[]): FlowSteps[] {
  const flows = new Map<string, ApplicationEvent[]>();
  for (const [index, event] of events.entries()) {
    const key = event.flow || String(index);
    const steps = flows.get(key);
    if (steps === undefined) flows.set(key, [event]);
    else steps.unshift(event);
  }
  return [...flows.values()];
}

/** What the application's settings or code make go wrong; all else is ordinary life. */
const mistakes: ReadonlySet<string> = new Set<FlowFault>([
  'redirect-uri',
  'client-secret',
  'client-method',
  'client-assertion',
  'code-verifier',
  'code-redirect-uri',
  'challenge-missing',
  'request',
  'scope',
  'target',
  'grant-type',
  'grant-type-unknown',
  'response-type',
]);

/** @returns the mistakes of the last 24 hours that are not mended, the latest first. */
export async function latestProblems(
  db: Db,
  { id, redirectUris }: Pick<Client, 'id' | 'redirectUris'>,
): Promise<Problem[]> {
  const since = Date.now() - 24 * 3_600_000;
  const isMended = ({ reason, detail }: Problem) =>
    reason === 'redirect-uri' && redirectUris.includes(detail);
  return problemsIn(await listEventCounts(db, id)).filter(
    (one) => mistakes.has(one.reason) && one.lastAt.getTime() > since && !isMended(one),
  );
}

function problemsIn(counts: readonly DayCount[]): Problem[] {
  const found = new Map<string, Problem>();
  for (const { kind, reason, detail, count, lastAt } of counts) {
    if (reason === '') continue;
    const key = `${kind} ${reason} ${detail}`;
    const before = found.get(key);
    found.set(key, {
      ...{ kind, reason, detail },
      count: count + (before?.count ?? 0),
      lastAt: before !== undefined && before.lastAt > lastAt ? before.lastAt : lastAt,
    });
  }
  return Array.from(found.values())
    .toSorted((one, other) => other.lastAt.getTime() - one.lastAt.getTime())
    .slice(0, mostProblems);
}

function daysIn(counts: readonly DayCount[]): Day[] {
  const days = new Map<string, Map<string, number>>();
  for (const { day, kind, count } of counts) {
    const of = days.get(day) ?? new Map<string, number>();
    of.set(kind, count + (of.get(kind) ?? 0));
    days.set(day, of);
  }
  return Array.from(days, ([day, of]) => ({ day, counts: of }));
}
