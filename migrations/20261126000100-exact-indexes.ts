/**
 * What belongs to a pair is found by both of the pair, from whichever side: of an application that
 * many organizations approved, of a member of many, of a database with many teams, one row is read.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    drop index application_approvals_by_client;
    create index application_approvals_by_client
      on application_approvals (client_id, organization_id);
    drop index organization_members_by_account;
    create index organization_members_by_account
      on organization_members (account_id, organization_id);
    drop index team_databases_by_database;
    create index team_databases_by_database on team_databases (database_id, team_id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop index application_approvals_by_client;
    create index application_approvals_by_client on application_approvals (client_id);
    drop index organization_members_by_account;
    create index organization_members_by_account on organization_members (account_id);
    drop index team_databases_by_database;
    create index team_databases_by_database on team_databases (database_id);`);
