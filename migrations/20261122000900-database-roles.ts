/** Roles given directly on one database, to members of its organization only. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table database_roles (
      database_id uuid not null,
      account_id uuid not null,
      organization_id uuid not null,
      role text not null check (role in ('database_admin', 'database_developer', 'database_reader')),
      given_at timestamptz not null default now(),
      primary key (database_id, account_id),
      foreign key (organization_id, database_id)
        references databases (organization_id, id) on delete cascade,
      foreign key (organization_id, account_id)
        references organization_members (organization_id, account_id) on delete cascade
    );
    create index database_roles_by_account on database_roles (account_id, organization_id);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table database_roles`);
