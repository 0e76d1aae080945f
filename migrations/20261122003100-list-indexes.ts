/** The orders in which long lists are read, page by page. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index organization_members_by_joining
      on organization_members (organization_id, joined_at, account_id);
    create index organization_members_by_role
      on organization_members (organization_id, role, joined_at, account_id);
    create index database_roles_by_role on database_roles (database_id, role, account_id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop index database_roles_by_role;
    drop index organization_members_by_role;
    drop index organization_members_by_joining`);
