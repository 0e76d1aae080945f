/** Organizations: the top of the tree, with the base database role and the application policy. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table organizations (
      id uuid primary key,
      slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      name text not null check (length(name) between 1 and 100),
      external_id text unique check (length(external_id) between 1 and 255),
      base_role text not null default 'member'
        check (base_role in ('none', 'reader', 'developer', 'member')),
      application_policy text not null default 'open'
        check (application_policy in ('open', 'approval_required')),
      created_at timestamptz not null default now()
    );
    create trigger keep_id before update of id on organizations
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();`);

export const down = (knex: Knex) => knex.schema.raw(`drop table organizations`);
