/**
 * The lines of an import: newline-delimited JSON, cut from a stream without ever holding more than a
 * batch of it.
 *
 * @module
 */

import { z } from 'zod';
import { addressFault, asciiForm, normalizeEmail } from '../../lib/email-address.ts';
import { parseId } from '../../lib/ids.ts';
import { administratorRole, memberRole } from '../../members/roles.ts';
import type { FieldFault } from '../../organizations/refusals.ts';
import type { SyncLine, Who } from '../../organizations/sync-lines.ts';
import { fieldMessage } from './field-messages.ts';
import { externalId } from './path-parameters.ts';
import { faultsOf } from './read-request.ts';
import * as schemas from './schemas.ts';

const external = z.string().regex(externalId);

const who = z.string().max(300).meta({ description: 'An e-mail address or an id.' });

/** Whom a line is about, by `member` or `subject`. */
const whom = {
  member: who.optional(),
  subject: schemas.subject.optional(),
  provider: schemas.subjectProvider.optional(),
};

/** One line, as it is sent. */
export const importedLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('database'), external_id: external, slug: schemas.slug }),
  z.strictObject({
    type: z.literal('branch'),
    external_id: external,
    database: external.meta({ description: "The database's own external id." }),
    slug: schemas.slug,
    production: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('member'),
    ...whom,
    name: schemas.personName.optional(),
    role: z.literal([memberRole, administratorRole]).optional().meta({
      description: "The administrator's takes a service client with `--administrators`.",
    }),
  }),
  z.strictObject({ type: z.literal('member_removal'), ...whom }),
  z.strictObject({
    type: z.literal('database_role'),
    database: external.meta({ description: "The database's own external id." }),
    ...whom,
    role: schemas.databaseRole.nullable().meta({
      description: 'Given directly; null takes it away.',
    }),
  }),
]);

/** A line that was read, or what is wrong with it. */
export type ReadLine = SyncLine | { readonly faults: readonly FieldFault[] };

/** Reads one line; never throws. */
export function readLine(bytes: Buffer): ReadLine {
  const parsed = importedLine.safeParse(parse(bytes), { error: fieldMessage });
  if (!parsed.success) return { faults: faultsOf(parsed.error) };
  const line = parsed.data;
  switch (line.type) {
    case 'database':
      return { type: 'database', externalId: line.external_id, slug: line.slug };
    case 'branch': {
      const { external_id, database, slug, production } = line;
      return { type: 'branch', externalId: external_id, database, slug, production };
    }
    case 'member':
      return withWho(line, (who) => ({
        type: 'member',
        who,
        name: line.name,
        role: line.role,
      }));
    case 'member_removal':
      return withWho(line, (who) => ({ type: 'member_removal', who }));
    case 'database_role': {
      const { database, role } = line;
      return withWho(line, (who) => ({
        type: 'database_role',
        database,
        who,
        role: role ?? undefined,
      }));
    }
  }
}

/** As a line names somebody. */
export interface NamedWho {
  readonly member?: string | undefined;
  readonly subject?: string | undefined;
  readonly provider?: string | undefined;
}

function withWho(
  line: NamedWho & { readonly type: SyncLine['type'] },
  lineOf: (who: Who) => SyncLine,
): ReadLine {
  const isOneOnly = line.type !== 'member' && line.member !== undefined;
  const read = isOneOnly && line.subject !== undefined ? notBoth : readWho(line);
  return 'message' in read ? { faults: [read] } : lineOf(read);
}

const notBoth: FieldFault = { field: 'subject', message: 'must not be given beside member' };

/** @returns whom a line means, or what is wrong with how it says so. */
export function readWho({ member, subject, provider }: NamedWho): Who | FieldFault {
  const email = member === undefined ? undefined : normalizeEmail(member);
  if (member !== undefined && asciiForm(member) !== undefined)
    return { field: 'member', message: addressFault(member) };
  if (subject !== undefined) {
    if (member === undefined || email !== undefined) return { subject, provider, email };
    return { field: 'member', message: 'must be an e-mail address beside a subject' };
  }
  if (provider !== undefined)
    return { field: 'provider', message: 'must not be given without a subject' };
  if (member === undefined) return { field: 'member', message: 'must be given, or a subject' };
  const accountId = parseId('user', member);
  if (accountId !== undefined) return { accountId };
  if (email !== undefined) return { email };
  return { field: 'member', message: 'must be an e-mail address or an id' };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined; // is no object, and is reported as such
  }
}

/** A line is longer than any good one: the stream is not what it should be. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

const longestLine = 16 * 1024;
const newline = 0x0a;

/**
 * Cuts a stream into batches of lines, however they end; blank lines are left out.
 *
 * @throws {LineTooLongError}
 */
export async function* batchesOf(
  chunks: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<Buffer[]> {
  let batch: Buffer[] = [];
  for await (const line of linesOf(chunks)) {
    batch.push(line);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      const line = Buffer.concat([rest, chunk.subarray(from, at)]);
      rest = Buffer.alloc(0);
      from = at + 1;
      if (line.length > longestLine) throw new LineTooLongError();
      if (!isBlank(line)) yield line;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > longestLine) throw new LineTooLongError();
  }
  if (!isBlank(rest)) yield rest;
}

const blanks = new Set([0x20, 0x09, 0x0d]);
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A byte order mark, which some editors write at the beginning of a file, is nothing that was said. */
function isBlank(line: Buffer): boolean {
  const isMarked = line.subarray(0, mark.length).equals(mark);
  return (isMarked ? line.subarray(mark.length) : line).every((byte) => blanks.has(byte));
}
