/** Tokens for a resource server whose address carries a place are confined to it, by its id. */

import type { Knex } from 'knex';

export const up = (knex: Knex) => knex.schema.raw('alter table tokens add column confined_to uuid');

export const down = (knex: Knex) => knex.schema.raw('alter table tokens drop column confined_to');

export const runsWith = '20261129070800-longer-refresh-retries.ts';
