/**
 * Metrics for Prometheus, on a port of their own: what a process does, and what waits in it.
 *
 * Nothing here is loaded or counted without `METRICS_PORT`. A request costs one addition; all else is
 * looked up when somebody scrapes. Labels are bounded: an endpoint is the pattern of a route, never an
 * address, and an outcome is one of eight words.
 *
 * @module
 */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Gauge, Registry } from 'prom-client';

/** What goes on and what waits, somewhere. */
interface Load {
  readonly running: number;
  readonly waiting: number;
}

interface PoolLoad {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Where numbers are looked up when they are asked for. */
interface MetricSources {
  readonly pools: () => Readonly<Record<string, PoolLoad>>;
  /** The statements of introspection, and the questions that wait for one. */
  readonly lanes: () => Load;
  readonly hashing: () => Load;
  /** Undefined where the database does not answer. */
  readonly outbox: () => Promise<
    | { readonly waiting: number; readonly failed: number; readonly oldestSeconds: number }
    | undefined
  >;
}

/** The metrics of one process. */
export interface Metrics {
  /** @param route the pattern of the route, with its method where that is a usual one. */
  countRequest(route: string, status: number): void;
  countSweep(isDone: boolean): void;
  /** From where numbers come that are only looked up. */
  watch(sources: MetricSources): void;
  /** The text that Prometheus reads. */
  print(): Promise<string>;
  /** Listens; `GET /metrics` answers. */
  listen(host: string, port: number): Promise<Server>;
}

type Library = typeof import('prom-client');

/** Makes the metrics; loads what they need. */
export async function createMetrics(): Promise<Metrics> {
  const library = await import('prom-client');
  const register: Registry = new library.Registry();
  library.collectDefaultMetrics({ register });
  return {
    countRequest: requestCounter(library, register),
    countSweep: sweepCounter(library, register),
    watch: (sources) => watch(sources, gaugeMaker(library, register)),
    print: () => register.metrics(),
    listen: (host, port) => serve(register, host, port),
  };
}

/** Counts by route, then by status. */
function requestCounter({ Counter }: Library, register: Registry): Metrics['countRequest'] {
  const requests = new Map<string, number[]>();
  new Counter({
    name: 'usher_requests_total',
    help: 'Requests by endpoint (the pattern of the route) and outcome',
    labelNames: ['endpoint', 'outcome'],
    registers: [register],
    collect() {
      this.reset();
      for (const [endpoint, counts] of requests) {
        counts.forEach((count, status) => {
          this.inc({ endpoint, outcome: outcomeOf(status) }, count);
        });
      }
    },
  });
  return (route, status) => {
    const counts = requests.get(route);
    if (counts === undefined) requests.set(route, startCounts(status));
    else counts[status] = (counts[status] ?? 0) + 1;
  };
}

function sweepCounter({ Counter, Gauge }: Library, register: Registry): Metrics['countSweep'] {
  const sweeps = new Counter({
    name: 'usher_sweeper_runs_total',
    help: 'Batches of removing what is over, by outcome',
    labelNames: ['outcome'],
    registers: [register],
  });
  const sweptAt = new Gauge({
    name: 'usher_sweeper_last_success_timestamp_seconds',
    help: 'When the sweeper was last through with a batch',
    registers: [register],
  });
  return (isDone) => {
    sweeps.inc({ outcome: isDone ? 'success' : 'error' });
    if (isDone) sweptAt.setToCurrentTime();
  };
}

/** Sparse: only statuses that occurred are there. */
function startCounts(status: number): number[] {
  const counts: number[] = [];
  counts[status] = 1;
  return counts;
}

function outcomeOf(status: number): string {
  if (status === 499) return 'aborted';
  if (status === 503) return 'unavailable';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  if (status >= 500) return 'error';
  if (status >= 400) return 'refused';
  return status >= 300 ? 'redirect' : 'success';
}

type MakeGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  collect: (on: Gauge<Label>) => void | Promise<void>,
) => unknown;

/** Makes gauges that are looked up when somebody scrapes. */
function gaugeMaker({ Gauge }: Library, register: Registry): MakeGauge {
  return (name, help, labelNames, collect) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [register],
      collect() {
        return collect(this);
      },
    });
}

function watch({ pools, lanes, hashing, outbox }: MetricSources, gauge: MakeGauge): void {
  gauge(
    'usher_database_connections',
    'Connections to PostgreSQL by pool, and who waits for one',
    ['pool', 'state'],
    (on) => {
      for (const [pool, { total, idle, waiting }] of Object.entries(pools())) {
        on.set({ pool, state: 'busy' }, total - idle);
        on.set({ pool, state: 'idle' }, idle);
        on.set({ pool, state: 'waiting' }, waiting);
      }
    },
  );
  const load = (name: string, help: string, read: () => Load) =>
    gauge(name, help, ['state'], (on) => {
      const { running, waiting } = read();
      on.set({ state: 'running' }, running);
      on.set({ state: 'waiting' }, waiting);
    });
  load('usher_introspection_lanes', 'Statements that run, and questions that wait for one', lanes);
  load('usher_password_hashes', 'Argon2 hashes that run, and that wait for their turn', hashing);
  gauge('usher_mail_outbox', 'Mail by state', ['state'], async (on) => {
    on.reset();
    const found = await outbox();
    if (found === undefined) return;
    on.set({ state: 'waiting' }, found.waiting);
    on.set({ state: 'failed' }, found.failed);
  });
  gauge('usher_mail_outbox_oldest_seconds', 'Age of the oldest mail that waits', [], async (on) => {
    const found = await outbox();
    if (found === undefined) on.remove();
    else on.set(found.oldestSeconds);
  });
}

async function serve(register: Registry, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    register.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': register.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
