/**
 * Members whom an organization names as managers of one of its applications. A place as manager goes with the
 * member, with the application, and with the organization's ownership of it.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients add constraint clients_id_owner unique (id, owner_organization_id);
    create table client_managers (
      client_id text not null,
      organization_id uuid not null,
      account_id uuid not null,
      created_at timestamptz not null default now(),
      primary key (client_id, account_id),
      foreign key (client_id, organization_id)
        references clients (id, owner_organization_id) on delete cascade,
      foreign key (organization_id, account_id)
        references organization_members (organization_id, account_id) on delete cascade
    );
    create index client_managers_by_member on client_managers (organization_id, account_id)`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table client_managers;
    alter table clients drop constraint clients_id_owner`);

export const runsWith = '20261129015900-longest-age-of-entries.ts';
