/**
 * Fills large tables without their indexes, which are then built in one go.
 *
 * @module
 */

import type pg from 'pg';

const tables = ['tokens', 'grants', 'consents', 'consent_entries'];

/** Drops what indexes no other table refers to, does the work, and makes them again. */
export async function withoutIndexes(
  client: pg.ClientBase,
  work: () => Promise<void>,
): Promise<void> {
  const { rows } = await client.query<{ drop: string; make: string }>(listIndexes, [tables]);
  for (const { drop } of rows) await client.query(drop);
  await work();
  for (const { make } of rows) await client.query(make);
}

const listIndexes = `
  select format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as make
    from pg_index i
   where i.indrelid = any($1::regclass[])
     and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
  union all
  select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname),
         format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname,
                pg_get_constraintdef(k.oid))
    from pg_constraint k
   where k.conrelid = any($1::regclass[]) and k.contype = 'p'
     and not exists (
       select from pg_constraint f where f.contype = 'f' and f.conindid = k.conindid)`;
