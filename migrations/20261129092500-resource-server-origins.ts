/** Whose resource servers stand at one origin: those of an organization may not stand beside another's. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index clients_by_origin on clients (substring(audience from '^[^:]+://[^/?#]+'))
      where audience is not null;
    create index clients_resource_servers on clients (owner_organization_id, id)
      where resource_server = 'organization'`);

export const down = (knex: Knex) =>
  knex.schema.raw('drop index clients_resource_servers; drop index clients_by_origin');

export const runsWith = '20261129070800-longer-refresh-retries.ts';
