/**
 * Which scopes an application used in an organization for a person, by the day of the last use. `*` is a use
 * of which nobody said what it was for. It decides nothing; who looks after an organization sees by it what
 * is not needed.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table application_scope_uses (
      consent_id uuid not null references consents on delete cascade,
      organization_id uuid not null references organizations on delete cascade,
      scope text not null check (scope <> ''),
      last_day date not null,
      primary key (consent_id, organization_id, scope)
    );
    create index application_scope_uses_by_organization
      on application_scope_uses (organization_id, consent_id);
    create index application_scope_uses_by_day on application_scope_uses (last_day)`);

export const down = (knex: Knex) => knex.schema.raw('drop table application_scope_uses');

export const runsWith = '20261129105103-proved-hosts.ts';
