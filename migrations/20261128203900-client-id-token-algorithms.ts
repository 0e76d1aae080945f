/**
 * How the ID tokens of a client are signed. Clients that were there before were given ES256 and keep
 * it; that is the default, too, so that a node of the version before, which does not know the column
 * and signs with ES256, registers what it does. This version always names the algorithm.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients add column id_token_signed_response_alg text not null default 'ES256'
      check (id_token_signed_response_alg in ('RS256', 'ES256'))`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table clients drop column id_token_signed_response_alg');
