/** What a refresh token was exchanged for is kept longer than the longest window in which it is asked again. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table refresh_retries
      alter column expires_at set default now() + interval '6 minutes'`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table refresh_retries
      alter column expires_at set default now() + interval '1 minute'`);
