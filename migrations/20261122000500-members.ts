/** Who belongs to which organization, and as what. All a member holds there hangs on this row. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table organization_members (
      organization_id uuid not null references organizations on delete cascade,
      account_id uuid not null references accounts on delete cascade,
      role text not null default 'organization_member'
        check (role in ('organization_admin', 'organization_member')),
      suspended_at timestamptz,
      joined_at timestamptz not null default now(),
      primary key (organization_id, account_id)
    );
    create index organization_members_by_account on organization_members (account_id);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table organization_members`);
