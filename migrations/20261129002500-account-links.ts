/**
 * One-time links by mail: for a new password, for a new account, for another address of an account. A
 * row is written when the link is asked for, whoever may have that address; its token is made with the
 * mail, and known by its SHA-256 only. And what accounts are told by mail: nothing to click, so nothing
 * to hide, kept until it is sent.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table account_links (
      id uuid primary key,
      kind text not null check (kind in ('reset', 'sign_up', 'address')),
      email text not null,
      account_id uuid references accounts on delete cascade,
      locale text,
      token_hash bytea unique check (length(token_hash) = 32),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_as text check (ended_as in ('used', 'replaced')),
      check (kind <> 'address' or account_id is not null)
    );
    create index account_links_by_account on account_links (account_id) where account_id is not null;
    create index account_links_by_email on account_links (email);
    create index account_links_by_expiry on account_links (expires_at);
    create table account_notices (
      id uuid primary key,
      kind text not null check (length(kind) between 1 and 50),
      email text not null,
      account_id uuid references accounts on delete set null,
      locale text,
      details jsonb not null,
      created_at timestamptz not null default now()
    );
    create index account_notices_by_account on account_notices (account_id) where account_id is not null;
    create index account_notices_by_age on account_notices (created_at);`);

export const down = (knex: Knex) =>
  knex.schema.raw('drop table account_links; drop table account_notices;');
