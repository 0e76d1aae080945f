/** What an organization with the policy `approval_required` has approved, with its ceilings. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table application_approvals (
      organization_id uuid not null references organizations on delete cascade,
      client_id text not null references clients on delete cascade,
      scope text,
      production boolean not null default true,
      max_grant_seconds integer check (max_grant_seconds > 0),
      approved_by uuid references accounts on delete set null,
      approved_at timestamptz not null default now(),
      primary key (organization_id, client_id)
    );
    create index application_approvals_by_client on application_approvals (client_id);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table application_approvals`);
