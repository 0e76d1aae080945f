/**
 * The platform's own accounts: OpenID providers that people sign in with, who is bound to which account
 * there, and which browser sessions began there. Identities outlive the provider's row: they are bound to
 * its issuer. The client secret and ID tokens are wrapped by USHER_KEY.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table identity_providers (
      id text primary key check (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(id) <= 40),
      issuer text not null unique check (length(issuer) <= 2000),
      client_id text not null check (length(client_id) between 1 and 500),
      client_secret bytea not null,
      name text not null check (length(name) between 1 and 100),
      trusted_domains text[] not null default '{}',
      private_network boolean not null default false,
      created_at timestamptz not null default now()
    );
    create table external_identities (
      issuer text not null check (length(issuer) between 1 and 2000),
      subject text not null check (length(subject) between 1 and 255),
      account_id uuid not null references accounts on delete cascade,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      primary key (issuer, subject)
    );
    create unique index external_identities_one_each on external_identities (account_id, issuer);
    create table provider_sessions (
      session_uid text primary key references sessions (uid) on delete cascade,
      provider_id text not null references identity_providers on delete cascade,
      subject text not null,
      sid text,
      id_token bytea not null
    );
    create index provider_sessions_by_subject on provider_sessions (provider_id, subject);
    create index provider_sessions_by_sid on provider_sessions (provider_id, sid);`);

export const down = (knex: Knex) =>
  knex.schema.raw('drop table provider_sessions, external_identities, identity_providers');
