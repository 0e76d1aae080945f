/**
 * Ends what was made before a time, for after a restore: in batches, each a transaction, so that
 * nothing waits for long. Batches go along the key, so that no row is looked at twice.
 *
 * @module
 */

import { type Db, type Statement, statement } from '../engine/database.ts';
import { noId } from '../engine/listed.ts';

/** The smallest key of each kind is greater; a batch begins behind the last key of the one before. */
const kinds = {
  consents: { from: 'consents', made: 'created_at', cast: 'uuid', first: noId },
  grants: { from: 'grants', made: 'created_at', cast: 'text', first: '' },
  sessions: { from: 'sessions', made: 'created_at', cast: 'bytea', first: '\\x' },
} as const;

const size = 1_000;

export type EndedKind = keyof typeof kinds | 'service_tokens';

/** Without a condition that could be left out: the plan, made once, begins at the key. */
function batchOf(kind: keyof typeof kinds): Statement {
  const { from, made, cast } = kinds[kind];
  return statement(`
    with part as (
      select id from ${from} where ${made} < $1 and id > $2::text::${cast}
       order by id limit ${size} for update),
    gone as (delete from ${from} t using part where t.id = part.id)
    select id::text as last from part order by part.id desc`);
}

/** They live for minutes, so they are few, in an index of their own. */
const serviceTokens = statement(`
  with part as (
    select id from tokens where grant_id is null and issued_at < $1 and $2::text is not null
     limit ${size} for update),
  gone as (delete from tokens t using part where t.id = part.id)
  select '' as last from part`);

const batches: Readonly<Record<EndedKind, Statement>> = {
  consents: batchOf('consents'),
  grants: batchOf('grants'),
  service_tokens: serviceTokens,
  sessions: batchOf('sessions'),
};

/** One batch: how many ended, and where to go on; `next` is undefined after the last one. */
export interface EndedBatch {
  readonly ended: number;
  readonly next: string | undefined;
}

/** Ends one batch of what was made before a time; a grant or consent takes its tokens along. */
export async function endBefore(
  tx: Db,
  kind: EndedKind,
  before: Date,
  after: string | undefined,
): Promise<EndedBatch> {
  const first = kind === 'service_tokens' ? '' : kinds[kind].first;
  const rows = await tx.query<{ last: string }>(batches[kind], [before, after ?? first]);
  const isLast = rows.length < size;
  return { ended: rows.length, next: isLast ? undefined : rows[0]?.last };
}

const now = statement('select now() as now');

/** @returns what the database's clock says, which all times in its tables are by. */
export async function databaseTime(db: Db): Promise<Date> {
  const [row] = await db.query<{ now: Date }>(now);
  return row?.now ?? new Date();
}
