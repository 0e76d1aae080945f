/**
 * Applications that a person owns, with what their owner writes about them, and a version by which of two
 * changes at once the second is told of the first. A secret has a name, so that its owner knows which to end.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients
      add column owner_account_id uuid references accounts on delete cascade,
      add column description text not null default '' check (length(description) <= 300),
      add column version integer not null default 1,
      add check (owner_account_id is null or owner_organization_id is null);
    create index clients_by_owner_account on clients (owner_account_id);
    alter table client_secrets
      add column name text not null default '' check (length(name) <= 64)`);

/** Without their owner nobody could end them: they go with the column. */
export const down = (knex: Knex) =>
  knex.schema.raw(`
    delete from clients where owner_account_id is not null;
    alter table client_secrets drop column name;
    alter table clients drop column version, drop column description, drop column owner_account_id`);

export const runsWith = '20261129015900-longest-age-of-entries.ts';
