/**
 * Roles are those of the catalogue, so the tables take any name. The administrators of an organization
 * are found by the index on its roles.
 *
 * The defaults of the columns stay for nodes of an older version, which insert without a role.
 */

import type { Knex } from 'knex';

/** Older code inserts by the defaults, and finds administrators by another index. */
export const runsWith = '20261128203500-schema-compatibility.ts';

const roleName = "'^[a-z][a-z0-9_]{0,99}$'";

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations drop constraint organizations_base_role_check,
      add constraint organizations_base_role_check check (base_role ~ ${roleName});
    alter table organization_members drop constraint organization_members_role_check,
      add constraint organization_members_role_check check (role ~ ${roleName});
    alter table invitations drop constraint invitations_role_check,
      add constraint invitations_role_check check (role ~ ${roleName});
    alter table database_roles drop constraint database_roles_role_check,
      add constraint database_roles_role_check check (role ~ ${roleName});
    drop index organization_administrators;`);

/** Fails where a role of another catalogue is held: it would be lost. */
export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations drop constraint organizations_base_role_check,
      add constraint organizations_base_role_check
        check (base_role in ('none', 'reader', 'developer', 'member'));
    alter table organization_members drop constraint organization_members_role_check,
      add constraint organization_members_role_check
        check (role in ('organization_admin', 'organization_member'));
    alter table invitations drop constraint invitations_role_check,
      add constraint invitations_role_check
        check (role in ('organization_admin', 'organization_member'));
    alter table database_roles drop constraint database_roles_role_check,
      add constraint database_roles_role_check
        check (role in ('database_admin', 'database_developer', 'database_reader'));
    create index organization_administrators
      on organization_members (organization_id, account_id) where role = 'organization_admin';`);
