/** The databases of an organization. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table databases (
      id uuid primary key,
      organization_id uuid not null references organizations on delete cascade,
      slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      external_id text unique check (length(external_id) between 1 and 255),
      created_at timestamptz not null default now(),
      unique (organization_id, slug),
      unique (organization_id, id)
    );
    create trigger keep_id before update of id on databases
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();`);

export const down = (knex: Knex) => knex.schema.raw(`drop table databases`);
