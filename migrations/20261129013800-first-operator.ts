/**
 * Whether an operator was ever named: one row. What a new installation may do by itself, it may do once only,
 * also after the last operator is gone.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table first_operator (
      singleton boolean primary key default true check (singleton),
      named_at timestamptz
    );
    insert into first_operator (named_at)
    select case when exists (select from operators)
                  or exists (select from audit_events where action = 'operator.added') then now() end;`);

export const down = (knex: Knex) => knex.schema.raw('drop table first_operator;');
