/**
 * A consent may have an end: from then on it is dead by the database's clock. Its grants and tokens
 * end no later, so that nothing has to look here when they are used.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table consents add column expires_at timestamptz;
    create index consents_by_expiry on consents (expires_at) where expires_at is not null`);

export const down = (knex: Knex) => knex.schema.raw('alter table consents drop column expires_at');
