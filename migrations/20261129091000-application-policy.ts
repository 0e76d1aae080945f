/**
 * More of what an organization decides about applications: which it keeps out, that those nobody has
 * verified get nothing, and that they never reach production without an approval.
 *
 * `shuts_out` says whether there is a row for the organization in `application_shut_outs`: most have
 * none, and then no question about a token looks there. What an organization approved without a ceiling
 * holds what is registered on the day of this migration.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations
      drop constraint organizations_application_policy_check,
      add constraint organizations_application_policy_check
        check (application_policy in ('open', 'verified_only', 'approval_required')),
      add column guards_production boolean not null default false,
      add column shuts_out boolean not null default false;
    create table application_shut_outs (
      organization_id uuid not null references organizations on delete cascade,
      client_id text not null references clients on delete cascade,
      shut_out_by uuid references accounts on delete set null,
      shut_out_at timestamptz not null default now(),
      ended_entries integer not null default 0,
      ended_members integer not null default 0,
      primary key (organization_id, client_id)
    );
    create index application_shut_outs_by_client on application_shut_outs (client_id);
    update application_approvals a set scope = c.scope
      from clients c
     where c.id = a.client_id and a.scope is null and not c.is_dynamic and c.scope <> ''`);

/** Organizations with the policy that is gone ask for approvals: nobody gets more than before. */
export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table application_shut_outs;
    update organizations set application_policy = 'approval_required'
     where application_policy = 'verified_only';
    alter table organizations
      drop column shuts_out,
      drop column guards_production,
      drop constraint organizations_application_policy_check,
      add constraint organizations_application_policy_check
        check (application_policy in ('open', 'approval_required'))`);

export const runsWith = '20261129070800-longer-refresh-retries.ts';
