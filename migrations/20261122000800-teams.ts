/** Teams: their members are Database Administrators of their databases, all of one organization. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table teams (
      id uuid primary key,
      organization_id uuid not null references organizations on delete cascade,
      slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      name text not null check (length(name) between 1 and 100),
      external_id text unique check (length(external_id) between 1 and 255),
      created_at timestamptz not null default now(),
      unique (organization_id, slug),
      unique (organization_id, id)
    );
    create trigger keep_id before update of id on teams
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();
    create table team_members (
      team_id uuid not null,
      organization_id uuid not null,
      account_id uuid not null,
      primary key (team_id, account_id),
      foreign key (organization_id, team_id) references teams (organization_id, id) on delete cascade,
      foreign key (organization_id, account_id)
        references organization_members (organization_id, account_id) on delete cascade
    );
    create index team_members_by_account on team_members (account_id, organization_id);
    create table team_databases (
      team_id uuid not null,
      organization_id uuid not null,
      database_id uuid not null,
      primary key (team_id, database_id),
      foreign key (organization_id, team_id) references teams (organization_id, id) on delete cascade,
      foreign key (organization_id, database_id)
        references databases (organization_id, id) on delete cascade
    );
    create index team_databases_by_database on team_databases (database_id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table team_databases;
    drop table team_members;
    drop table teams`);
