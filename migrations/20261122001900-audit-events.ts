/** The audit trail: who did what, to what, from where. It refers by id without foreign keys, so it outlives what it tells of. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table audit_events (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      action text not null check (length(action) between 1 and 100),
      outcome text not null default 'done' check (outcome in ('done', 'refused')),
      actor_account_id uuid,
      actor_client_id text,
      organization_id uuid,
      subject text,
      before jsonb,
      after jsonb,
      address text,
      user_agent text
    );
    create index audit_events_by_organization on audit_events (organization_id, id desc);
    create index audit_events_by_account on audit_events (actor_account_id, id desc);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table audit_events`);
