/**
 * Sessions that end stay ended, and requests belong to one browser.
 *
 * `previous_id`: the id that a session had before its last sign-in, still good until the browser has
 * shown the new one. `sign_in_epoch`: counts how often all sessions of an account were ended; a
 * sign-in that was proven before begins no session after. `browser`: the SHA-256 of the id of the
 * browser in which an interaction began.
 */

import type { Knex } from 'knex';

/** Older code never reads what is new; a request that began there has to be started again here. */
export const runsWith = '20261128203900-client-id-token-algorithms.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table sessions
      add column previous_id bytea check (length(previous_id) = 32),
      add column confirmed_at timestamptz;
    create index sessions_by_previous_id on sessions (previous_id) where previous_id is not null;
    alter table accounts add column sign_in_epoch integer not null default 0;
    alter table provider_records add column browser bytea check (length(browser) = 32);
    create table invitation_answers (
      token_hash bytea primary key check (length(token_hash) = 32),
      account_id uuid not null references accounts on delete cascade,
      answer text not null check (answer in ('joined', 'declined')),
      expires_at timestamptz not null
    );
    create index invitation_answers_by_account on invitation_answers (account_id);
    create index invitation_answers_by_expiry on invitation_answers (expires_at);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop table invitation_answers;
    alter table provider_records drop column browser;
    alter table accounts drop column sign_in_epoch;
    alter table sessions drop column confirmed_at, drop column previous_id;`);
