/** The branches of a database; `production` is read live by every decision. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table branches (
      id uuid primary key,
      organization_id uuid not null,
      database_id uuid not null,
      slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      external_id text unique check (length(external_id) between 1 and 255),
      production boolean not null default false,
      created_at timestamptz not null default now(),
      unique (database_id, slug),
      unique (database_id, id),
      foreign key (organization_id, database_id)
        references databases (organization_id, id) on delete cascade
    );
    create index branches_by_kind on branches (database_id, production);
    create index branches_by_organization on branches (organization_id, production);
    create trigger keep_id before update of id on branches
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();`);

export const down = (knex: Knex) => knex.schema.raw(`drop table branches`);
