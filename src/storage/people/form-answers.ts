/**
 * Forms that were sent, among the `provider_records`: claimed by whoever sends one first, then with the
 * sealed answer, for a minute.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const insert = statement(`
  insert into provider_records (kind, id, payload, expires_at)
  values ('FormAnswer', $1, '{}', now() + interval '1 minute')
  on conflict (kind, id) do update set payload = '{}', expires_at = excluded.expires_at
    where provider_records.expires_at <= now()
  returning 1`);
const select = statement(`
  select payload ->> 'sealed' as sealed from provider_records
   where kind = 'FormAnswer' and id = $1 and expires_at > now()`);
const update = statement(`
  update provider_records set payload = jsonb_build_object('sealed', $2::text),
         expires_at = now() + interval '1 minute'
   where kind = 'FormAnswer' and id = $1`);
const remove = statement(`delete from provider_records where kind = 'FormAnswer' and id = $1`);

/** @returns whether the form (SHA-256 of what was sent) is this sender's to answer. */
export async function claimForm(db: Db, id: Buffer): Promise<boolean> {
  return (await db.query(insert, [id])).length === 1;
}

/** @returns undefined: nobody has sent it lately; `pending`: somebody is about to answer it. */
export async function findFormAnswer(
  db: Db,
  id: Buffer,
): Promise<{ readonly sealed: Buffer } | 'pending' | undefined> {
  const [row] = await db.query<{ sealed: string | null }>(select, [id]);
  if (row === undefined) return undefined;
  return row.sealed === null ? 'pending' : { sealed: Buffer.from(row.sealed, 'base64') };
}

/** Keeps the sealed answer of a form that was claimed. */
export async function keepFormAnswer(db: Db, id: Buffer, sealed: Buffer): Promise<void> {
  await db.query(update, [id, sealed.toString('base64')]);
}

/** Gives a claim back: the form was refused, and may be sent again. */
export async function releaseForm(db: Db, id: Buffer): Promise<void> {
  await db.query(remove, [id]);
}
