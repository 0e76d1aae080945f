/** OAuth clients: applications of third parties, and resource servers. Secrets are kept as hashes, several per client. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table clients (
      id text primary key check (length(id) between 1 and 128),
      name text not null check (length(name) between 1 and 64),
      owner_organization_id uuid references organizations on delete cascade,
      application_type text not null default 'web' check (application_type in ('web', 'native')),
      auth_method text not null
        check (auth_method in ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
      redirect_uris text[] not null default '{}',
      grant_types text[] not null default '{}',
      scope text not null default '',
      status text not null default 'active' check (status in ('active', 'suspended')),
      is_dynamic boolean not null default false,
      is_verified boolean not null default false,
      resource_server text check (resource_server in ('platform', 'organization')),
      requires_resource boolean not null default false,
      audience text unique check (length(audience) between 1 and 2000),
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now(),
      check (resource_server is distinct from 'organization' or owner_organization_id is not null),
      check (not (is_dynamic and resource_server is not null)),
      check (audience is null or resource_server is not null)
    );
    create index clients_by_owner on clients (owner_organization_id);
    create trigger keep_id before update of id on clients
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();
    create table client_secrets (
      id uuid primary key,
      client_id text not null references clients on delete cascade,
      secret_hash bytea not null check (length(secret_hash) = 32),
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz
    );
    create index client_secrets_by_client on client_secrets (client_id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table client_secrets;
    drop table clients`);
