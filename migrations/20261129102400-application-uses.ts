/**
 * What was used of a consent: on which resource an application's token was asked about and had
 * something, day by day. It decides nothing; who looks after an organization sees by it what is not
 * needed.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table application_uses (
      consent_id uuid not null references consents on delete cascade,
      organization_id uuid not null references organizations on delete cascade,
      database_id uuid,
      resource_id uuid not null,
      day date not null,
      uses bigint not null,
      primary key (consent_id, resource_id, day)
    );
    create index application_uses_by_organization on application_uses (organization_id, consent_id);
    create index application_uses_by_day on application_uses (day)`);

export const down = (knex: Knex) => knex.schema.raw('drop table application_uses');

export const runsWith = '20261129091000-application-policy.ts';
