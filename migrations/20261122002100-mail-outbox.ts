/** Mail that is to be sent: what about, never what it says, so that no row holds a token or a link. A row is written in the transaction of what it tells of and deleted once its mail is out. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table mail_outbox (
      id uuid primary key,
      kind text not null check (length(kind) between 1 and 50),
      subject_id uuid not null,
      created_at timestamptz not null default now(),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null default now(),
      claim uuid,
      failed_at timestamptz,
      unique (kind, subject_id)
    );
    create index mail_outbox_due on mail_outbox (next_attempt_at) where failed_at is null;`);

export const down = (knex: Knex) => knex.schema.raw('drop table mail_outbox');
