/**
 * A resource indicator with a slash at its end and the same without one is one resource server: two
 * under both would each be taken for the other.
 */

import type { Knex } from 'knex';

interface Twice {
  readonly names: string;
}

export async function up(knex: Knex): Promise<void> {
  const { rows } = await knex.raw<{ rows: Twice[] }>(`
    select string_agg(id || ' (' || audience || ')', ', ' order by id) as names
    from clients where audience is not null
    group by regexp_replace(audience, '/$', '') having count(*) > 1`);
  if (rows.length > 0) {
    const names = rows.map((row) => row.names).join('; ');
    throw new Error(
      `These resource servers have the same audience but for a slash at its end; change or remove all but one of each: ${names}`,
    );
  }
  await knex.schema.raw(
    `create unique index clients_one_audience on clients (regexp_replace(audience, '/$', ''))`,
  );
}

export const down = (knex: Knex) => knex.schema.raw('drop index clients_one_audience');
