/** What one user allowed one application: one live consent a pair, and its entries (resource, scopes). Leaving the organization, and deleting the resource, takes the entries along. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table consents (
      id uuid primary key,
      account_id uuid not null references accounts on delete cascade,
      client_id text not null references clients on delete cascade,
      version integer not null default 0,
      asked_scope text not null default '',
      given_scope text not null default '',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (account_id, client_id),
      unique (id, account_id, client_id),
      unique (id, account_id)
    );
    create index consents_by_client on consents (client_id);
    create trigger keep_id before update of id on consents
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();
    create table consent_entries (
      id uuid primary key,
      consent_id uuid not null,
      account_id uuid not null,
      level text not null check (level in ('user', 'organization', 'database', 'branch')),
      organization_id uuid,
      database_id uuid,
      branch_id uuid,
      resource_id uuid generated always as (coalesce(branch_id, database_id, organization_id)) stored,
      production boolean,
      scope text not null check (scope <> ''),
      version integer not null,
      created_at timestamptz not null default now(),
      check ((organization_id is not null) = (level <> 'user')),
      check ((database_id is not null) = (level in ('database', 'branch'))),
      check ((branch_id is not null) = (level = 'branch')),
      check ((production is not null) = (level = 'branch')),
      foreign key (consent_id, account_id) references consents (id, account_id) on delete cascade,
      foreign key (organization_id, account_id)
        references organization_members (organization_id, account_id) on delete cascade,
      foreign key (organization_id, database_id)
        references databases (organization_id, id) on delete cascade,
      foreign key (database_id, branch_id) references branches (database_id, id) on delete cascade
    );
    create index consent_entries_by_resource on consent_entries (consent_id, resource_id);
    create index consent_entries_by_database on consent_entries (database_id, consent_id);
    create index consent_entries_by_organization on consent_entries (organization_id, consent_id);
    create index consent_entries_of_member on consent_entries (organization_id, account_id);
    create index consent_entries_of_branch on consent_entries (branch_id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table consent_entries;
    drop table consents`);
