/**
 * What a command's result looks like in a terminal: a line for each value, a table for a list.
 *
 * @module
 */

import type { Result } from './command.ts';

/** @returns the result as lines of text, or as JSON. */
export function printResult(result: Result, json: boolean): string {
  if (json) return `${JSON.stringify(result, undefined, 2)}\n`;
  const { outcome, ...rest } = result;
  const lines = Object.entries(rest).flatMap(([name, value]) => linesOf(name, value));
  const isListed = outcome === 'listed';
  return `${[...(isListed ? [] : [outcome]), ...lines].join('\n')}\n`;
}

function linesOf(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (isRows(value)) return value.length === 0 ? [`no ${label(name)}`] : tableOf(value);
  if (isObject(value)) return Object.entries(value).flatMap(([key, part]) => linesOf(key, part));
  return [`${label(name)}: ${cell(value)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value)
  );
}

function isRows(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isObject);
}

function tableOf(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  const table = [
    names.map((name) => label(name).toUpperCase()),
    ...rows.map((row) => names.map((name) => cell(row[name]))),
  ];
  const widths = names.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return listed(value.map(cell));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Words, or sentences with a mark between them. */
function listed(parts: readonly string[]): string {
  return parts.join(parts.some((part) => part.includes(' ')) ? '; ' : ' ');
}

/** `client_id` is "client id" in text; in JSON it keeps its name. */
function label(name: string): string {
  return name.replaceAll('_', ' ');
}
