/**
 * The audit trail as a file, read and written page by page: it may be longer than the memory.
 *
 * Source: RFC 4180 (CSV); JSON Lines.
 *
 * @module
 */

import type { AuditPage } from '../../organizations/audit-log.ts';
import type { File } from './call.ts';
import { printAuditEvent } from './print.ts';

/** The media type of each format. */
export const exportFormats = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
} as const;

type Format = keyof typeof exportFormats;
type Shown = ReturnType<typeof printAuditEvent>;

const columns = [
  'id',
  'at',
  'action',
  'outcome',
  'actor',
  'actor_email',
  'application',
  'organization',
  'subject',
  'before',
  'after',
  'address',
  'user_agent',
] as const satisfies readonly (keyof Shown)[];

/**
 * @param read reads one page; the first is read before anything is written, so that a refusal is
 *   still an answer.
 */
export async function exportAs(
  format: Format,
  read: (cursor: string | undefined) => Promise<AuditPage>,
): Promise<File> {
  const first = await read(undefined);
  const lines = format === 'csv' ? csvLines(first, read) : jsonLines(first, read);
  return { type: exportFormats[format], name: `audit-log.${format}`, lines };
}

async function* csvLines(...pages: Parameters<typeof events>): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  for await (const event of events(...pages)) {
    yield `${columns.map((column) => cell(event[column])).join(',')}\r\n`;
  }
}

async function* jsonLines(...pages: Parameters<typeof events>): AsyncGenerator<string> {
  for await (const event of events(...pages)) yield `${JSON.stringify(event)}\n`;
}

async function* events(
  first: AuditPage,
  read: (cursor: string | undefined) => Promise<AuditPage>,
): AsyncGenerator<Shown> {
  for (let page = first; ; page = await read(page.nextCursor)) {
    yield* page.events.map(printAuditEvent);
    if (page.nextCursor === undefined) return;
  }
}

/**
 * A cell that begins like a formula would be one in a spreadsheet; people choose some of these texts.
 * Spreadsheets of some languages separate cells by `;` or a tab, so these are quoted as well.
 */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
