/** To whom mail could not be sent, and why, for operators. Never what it says. */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table mail_outbox
      add column recipient text,
      add column reason text check (length(reason) <= 100);
    create index mail_outbox_failed on mail_outbox (failed_at) where failed_at is not null;
    create index mail_outbox_by_recipient on mail_outbox (recipient) where recipient is not null;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop index mail_outbox_failed, mail_outbox_by_recipient;
    alter table mail_outbox drop column recipient, drop column reason;`);
