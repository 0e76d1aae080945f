/**
 * The figures, as a table or as JSON, as they were measured.
 *
 * @module
 */

import type { Measurement } from './measure.ts';

/** What is told beside the figures. */
export interface Circumstances {
  readonly processor: string;
  readonly node: string;
  readonly database: string;
  readonly generator: string;
  /** Whether server and load had a processor each. */
  readonly isPinned: boolean;
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly tokens: readonly number[];
}

/** Measurements, and the one of them that the ratios compare with. */
export interface Table {
  readonly baseline: string;
  readonly measurements: readonly Measurement[];
}

/**
 * Prints the tables for people.
 *
 * `busy %` is how much of its processor the server used: where it is well below 100, something else
 * was the limit, the load generator, the database or another program on the machine.
 */
export function printTables(circumstances: Circumstances, tables: readonly Table[]): string {
  return [...describe(circumstances), ...tables.flatMap(printTable), ''].join('\n');
}

/** Prints the tables for programs. */
export function printJson(circumstances: Circumstances, tables: readonly Table[]): string {
  const told = tables.map((table) => ({
    baseline: table.baseline,
    measurements: table.measurements.map((measurement) => ({
      ...measurement,
      ratio: ratioOf(measurement, table),
    })),
  }));
  return `${JSON.stringify({ circumstances, tables: told })}\n`;
}

function ratioOf(measurement: Measurement, { baseline, measurements }: Table): number | undefined {
  const base = measurements.find(({ name }) => name === baseline);
  return base && measurement.requestsPerSecond / base.requestsPerSecond;
}

function printTable(table: Table): string[] {
  const { measurements, baseline } = table;
  const columns: [head: string, cell: (m: Measurement) => string][] = [
    ['candidate', (m) => (m.failures > 0 ? `${m.name} (failed)` : m.name)],
    ['req/s', (m) => fixed(m.requestsPerSecond, 0)],
    [`× ${baseline}`, (m) => fixed(ratioOf(m, table), 3)],
    ['p50 ms', (m) => fixed(m.p50Milliseconds, 2)],
    ['p99 ms', (m) => fixed(m.p99Milliseconds, 2)],
    ['server µs', (m) => fixed(m.serverMicroseconds, 1)],
    ['busy %', (m) => fixed((m.requestsPerSecond * m.serverMicroseconds) / 1e4, 0)],
    ['database µs', (m) => fixed(m.databaseMicroseconds, 1)],
    ['statements', (m) => fixed(m.statements, 2)],
    ['RSS MB', (m) => fixed(m.megabytes, 0)],
    ['ready ms', (m) => fixed(m.startMilliseconds, 0)],
  ];
  const rows = measurements.map((m) => columns.map(([, cell]) => cell(m)));
  const failed = measurements
    .filter(({ failures }) => failures > 0)
    .map(({ name, failures, firstFailure }) => `${name}: ${failures} failed: ${firstFailure}`);
  return ['', ...align([columns.map(([head]) => head), ...rows]), ...failed];
}

function describe(of: Circumstances): string[] {
  const cores = of.isPinned
    ? 'server on one processor, load and PostgreSQL on another'
    : 'not pinned: there is no taskset, or only one processor';
  return [
    `${of.processor}; Node ${of.node}; ${of.database}`,
    `${of.generator}, ${of.connections} connections; ${cores}`,
    `medians of ${of.rounds} interleaved rounds of ${of.seconds} s; ${of.tokens.join(', ')} tokens`,
  ];
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

/** A Markdown table, padded so that it also reads as it stands. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `| ${cells.join(' | ')} |`;
  });
  const rule = widths.map((width, column) => '-'.repeat(width + (column === 0 ? 2 : 1)));
  return [lines[0] ?? '', `|${rule.join(':|').replace(':|', '|')}:|`, ...lines.slice(1)];
}
