/**
 * Passkeys (WebAuthn credentials): the public half, and the signature counter that never goes back.
 * `relying_party`: the RP ID that it was made for; under another one no browser offers it.
 * `passkey_offer_declined_at`: the person has said that they want none, and is not asked again.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds; there a passkey signs nobody in. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table passkeys (
      id uuid primary key,
      account_id uuid not null references accounts on delete cascade,
      credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
      public_key bytea not null,
      counter bigint not null check (counter between 0 and 4294967295),
      transports text[] not null,
      relying_party text not null,
      name text not null check (length(name) between 1 and 100),
      created_at timestamptz not null default now(),
      last_used_at timestamptz
    );
    create index passkeys_by_account on passkeys (account_id);
    alter table accounts add column passkey_offer_declined_at timestamptz;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table accounts drop column passkey_offer_declined_at;
    drop table passkeys;`);
