/**
 * One-time links with which a person sets their password; operators print them. The token is known
 * by its SHA-256 only. A link that is over keeps its row, so that its page can say what happened.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table set_up_links (
      token_hash bytea primary key check (length(token_hash) = 32),
      account_id uuid not null references accounts on delete cascade,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_as text check (ended_as in ('used', 'replaced'))
    );
    create unique index set_up_links_open on set_up_links (account_id) where ended_as is null;
    create index set_up_links_by_account on set_up_links (account_id);
    create index set_up_links_by_expiry on set_up_links (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw('drop table set_up_links');
