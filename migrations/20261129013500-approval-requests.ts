/**
 * Members ask their organization to approve an application, with a reason. A request stays after it
 * was declined, so that the same is not asked again at once; an approval answers it and removes it.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table approval_requests (
      organization_id uuid not null references organizations on delete cascade,
      client_id text not null references clients on delete cascade,
      account_id uuid not null,
      reason text not null check (length(reason) between 1 and 500),
      requested_at timestamptz not null default now(),
      declined_at timestamptz,
      primary key (organization_id, client_id, account_id),
      foreign key (organization_id, account_id)
        references organization_members (organization_id, account_id) on delete cascade
    );
    create index approval_requests_by_client on approval_requests (client_id);
    create index approval_requests_by_member on approval_requests (organization_id, account_id)`);

export const down = (knex: Knex) => knex.schema.raw('drop table approval_requests');
