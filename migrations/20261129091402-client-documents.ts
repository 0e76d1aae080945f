/**
 * Applications that say what they are in a document at their `client_id`, an https address: what is kept of
 * the document, and the hosts that operators allowed or blocked. An address is longer than ids were.
 *
 * Keys that a client publishes at an address (`jwks_uri`) are kept beside.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients drop constraint clients_id_check;
    alter table clients add constraint clients_id_check check (length(id) between 1 and 512);
    create table client_documents (
      client_id text primary key references clients on delete cascade,
      host text not null check (length(host) between 1 and 253),
      is_pinned boolean not null default false,
      is_barred boolean not null default false,
      fetched_at timestamptz not null default now(),
      fresh_until timestamptz not null,
      retry_at timestamptz not null default now()
    );
    create index client_documents_by_host on client_documents (host);
    create table client_document_hosts (
      host text primary key check (length(host) between 1 and 253),
      is_allowed boolean not null,
      noted_at timestamptz not null default now()
    );
    create table client_key_sets (
      client_id text primary key references clients on delete cascade,
      uri text not null,
      keys jsonb not null,
      fetched_at timestamptz not null default now(),
      fresh_until timestamptz not null,
      retry_at timestamptz not null default now()
    )`);

/** Ids that are too long for what was before can only be those of documents. */
export const down = (knex: Knex) =>
  knex.schema.raw(`
    delete from clients where id in (select client_id from client_documents);
    drop table client_key_sets;
    drop table client_document_hosts;
    drop table client_documents;
    alter table clients drop constraint clients_id_check;
    alter table clients add constraint clients_id_check check (length(id) between 1 and 128)`);

/** Older code knows such an application by its row, as any other, and never asks for its document anew. */
export const runsWith = '20261129070200-own-applications.ts';
