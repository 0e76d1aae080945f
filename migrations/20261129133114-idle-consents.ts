/**
 * What members allowed applications in an organization ends where nobody used it for the time that the
 * organization sets, a week after its person was told by mail. The last use of each consent in each
 * organization is kept for that. What was used before uses were counted is unknown, so nothing counts as
 * unused for longer than since `uses_counted_from`.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations
      add column max_idle_days integer,
      add column uses_counted_from date not null default current_date,
      add constraint organizations_max_idle_days_check check (max_idle_days between 14 and 3650);
    create index organizations_with_idle_days on organizations (id) where max_idle_days is not null;
    create table consent_last_uses (
      consent_id uuid not null references consents on delete cascade,
      organization_id uuid not null references organizations on delete cascade,
      last_day date not null,
      primary key (consent_id, organization_id)
    );
    create index consent_last_uses_by_organization on consent_last_uses (organization_id);
    insert into consent_last_uses (consent_id, organization_id, last_day)
      select consent_id, organization_id, max(day) from application_uses group by 1, 2;
    create table idle_notices (
      consent_id uuid not null references consents on delete cascade,
      organization_id uuid not null references organizations on delete cascade,
      announced_at timestamptz not null default now(),
      primary key (consent_id, organization_id)
    );
    create index idle_notices_by_organization on idle_notices (organization_id)`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table idle_notices;
    drop table consent_last_uses;
    alter table organizations drop column uses_counted_from, drop column max_idle_days`);

export const runsWith = '20261129091000-application-policy.ts';
