/**
 * What happened to applications: counts by day of everything, and rows of the newest.
 *
 * Both are bounded for each application, so whoever sends nonsense fills neither: at most 20 details a day
 * of each kind, after which they are counted together, and at most 100 rows of each kind.
 *
 * Source: migrations/20261129092000-application-events.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** How many details of a kind are counted apart in one day. */
const mostDetails = 20;
/** How many rows of a kind are kept. */
const mostRows = 100;

/** Something that happened, some number of times. */
export interface CountedEvent {
  readonly clientId: string;
  readonly kind: string;
  /** Why it was refused; empty where it was not. */
  readonly reason: string;
  /** Such as the address that was sent; empty where there is nothing to add. */
  readonly detail: string;
  /** Whether it is known who did it: a client that proved itself, or a person who is signed in. */
  readonly isKnown: boolean;
  readonly count: number;
}

/** One thing that happened. */
export interface ApplicationEvent {
  readonly clientId: string;
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
  /** What the steps of one authorization have in common; empty where it is not known. */
  readonly flow: string;
  readonly at: Date;
}

/** Rows of a client wait for nobody who changes it; of a deleted one nothing is written. */
const there = `there as (select id from clients where id = any($1::text[]) order by id for key share)`;

const addCounts = statement(`
  with ${there},
  given as (
    select g.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::integer[])
      as g(client_id, kind, reason, detail, is_known, count)
    join there on there.id = g.client_id),
  today as (select (now() at time zone 'utc')::date as day),
  known as (
    select g.*, t.day, g.detail = '' or exists (
        select 1 from application_event_counts c
         where (c.client_id, c.day, c.kind, c.reason, c.is_known, c.detail)
             = (g.client_id, t.day, g.kind, g.reason, g.is_known, g.detail)) as is_kept
      from given g cross join today t),
  numbered as (
    select k.*, row_number() over (partition by client_id, kind, is_known, is_kept order by detail)
        + (select count(*) from application_event_counts c
            where c.client_id = k.client_id and c.day = k.day and c.kind = k.kind
              and c.is_known = k.is_known and c.detail <> '') as number
      from known k),
  bounded as (
    select client_id, day, kind, reason, is_known, count,
        case when is_kept or number <= ${mostDetails} then detail else '' end as detail
      from numbered)
  insert into application_event_counts as c
    (client_id, day, kind, reason, is_known, detail, count, last_at)
  select client_id, day, kind, reason, is_known, detail, sum(count)::integer, now()
    from bounded group by client_id, day, kind, reason, is_known, detail
   order by client_id, day, kind, reason, is_known, detail
  on conflict (client_id, day, kind, reason, is_known, detail)
  do update set count = least(c.count::bigint + excluded.count, 2000000000)::integer, last_at = now()`);

const addRows = statement(`
  with ${there}
  insert into application_events (client_id, kind, reason, detail, flow, at)
  select g.client_id, g.kind, g.reason, g.detail, g.flow, g.at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
      with ordinality as g(client_id, kind, reason, detail, flow, at, position)
    join there on there.id = g.client_id
   order by g.at, g.position`);

const trimRows = statement(`
  delete from application_events e
   using (
    select g.client_id, g.kind, (
        select x.id from application_events x
         where x.client_id = g.client_id and x.kind = g.kind
         order by x.id desc offset ${mostRows - 1} limit 1) as oldest
      from (select distinct * from unnest($1::text[], $2::text[]) as d(client_id, kind)) g) kept
   where e.client_id = kept.client_id and e.kind = kept.kind and e.id < kept.oldest`);

const selectRows = statement(`
  select kind, reason, detail, flow, at from application_events
   where client_id = $1 and at > now() - interval '30 days' order by at desc, id desc limit $2`);

const selectCounts = statement(`
  select day::text as day, kind, reason, detail, is_known, count, last_at
    from application_event_counts
   where client_id = $1 and day > (now() at time zone 'utc')::date - 30
   order by day desc, last_at desc, count desc`);

const among = statement('select id from clients where id = any($1::text[])');

/** @returns those of the names that are a client's. */
export async function clientsAmong(db: Db, names: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>(among, [names]);
  return rows.map(({ id }) => id);
}

/** Adds to the counts of today; more details than there is room for are counted without them. */
export async function addEventCounts(tx: Db, events: readonly CountedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(addCounts, [
    events.map(({ clientId }) => clientId),
    events.map(({ kind }) => kind),
    events.map(({ reason }) => reason),
    events.map(({ detail }) => detail),
    events.map(({ isKnown }) => isKnown),
    events.map(({ count }) => count),
  ]);
}

/** Adds rows, and removes what is beyond the newest of each kind. */
export async function addEvents(tx: Db, events: readonly ApplicationEvent[]): Promise<void> {
  if (events.length === 0) return;
  const clientIds = events.map(({ clientId }) => clientId);
  const kinds = events.map(({ kind }) => kind);
  await tx.query(addRows, [
    clientIds,
    kinds,
    events.map(({ reason }) => reason),
    events.map(({ detail }) => detail),
    events.map(({ flow }) => flow),
    events.map(({ at }) => at),
  ]);
  await tx.query(trimRows, [clientIds, kinds]);
}

/** @returns the newest first. */
export async function listEvents(
  db: Db,
  clientId: string,
  limit: number,
): Promise<ApplicationEvent[]> {
  const rows = await db.query<Omit<ApplicationEvent, 'clientId'>>(selectRows, [clientId, limit]);
  return rows.map((row) => ({ clientId, ...row }));
}

/** What was counted on one day. */
export interface DayCount extends CountedEvent {
  /** As `2026-11-29`, in UTC. */
  readonly day: string;
  readonly lastAt: Date;
}

interface CountRow {
  day: string;
  kind: string;
  reason: string;
  detail: string;
  is_known: boolean;
  count: number;
  last_at: Date;
}

/** @returns the counts of 30 days, the newest first. */
export async function listEventCounts(db: Db, clientId: string): Promise<DayCount[]> {
  const rows = await db.query<CountRow>(selectCounts, [clientId]);
  return rows.map(({ is_known: isKnown, last_at: lastAt, ...row }) => ({
    clientId,
    isKnown,
    lastAt,
    ...row,
  }));
}
