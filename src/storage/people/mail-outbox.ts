/**
 * The `mail_outbox` table: mail that is to be sent, one row for each thing it is about.
 *
 * A sender claims a row, sends, and removes it. What was asked for again meanwhile stays: asking
 * takes the claim away. A claim ends by itself, so mail whose sender died is sent by another.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import { type Db, statement } from '../engine/database.ts';

/** A row that one sender has claimed. */
export interface ClaimedMail {
  readonly id: string;
  readonly kind: string;
  /** The id of what the mail is about. */
  readonly subjectId: string;
  /** How often it was tried, this time included. */
  readonly attempts: number;
  readonly claim: string;
}

const put = statement(`
  insert into mail_outbox (id, kind, subject_id) values ($1, $2, $3)
      on conflict (kind, subject_id) do update
     set attempts = 0, next_attempt_at = now(), claim = null, failed_at = null, reason = null`);

/** Asks for a mail, in the transaction of what it is about; mail that waits already goes out once. */
export async function putMail(tx: Db, kind: string, subjectId: string): Promise<void> {
  await tx.query(put, [newId(), kind, subjectId]);
}

const claimNext = statement(`
  update mail_outbox
     set attempts = attempts + 1, claim = $1, next_attempt_at = now() + make_interval(secs => $2)
   where id = (select id from mail_outbox
                where failed_at is null and next_attempt_at <= now() and kind = any ($3)
                order by next_attempt_at limit 1 for update skip locked)
  returning id, kind, subject_id as "subjectId", attempts, claim`);

/**
 * Claims mail of the kinds that the caller can write; a newer node may have put others.
 *
 * @returns mail that is due and that nobody else gets for that long; undefined when none is due.
 */
export async function claimMail(
  db: Db,
  kinds: readonly string[],
  leaseSeconds: number,
): Promise<ClaimedMail | undefined> {
  const [mail] = await db.query<ClaimedMail>(claimNext, [newId(), leaseSeconds, kinds]);
  return mail;
}

const remove = statement('delete from mail_outbox where id = $1 and claim = $2');

/** Removes mail that is out, or has nothing to say any more. */
export async function removeMail(db: Db, { id, claim }: ClaimedMail): Promise<void> {
  await db.query(remove, [id, claim]);
}

const postpone = statement(`
  update mail_outbox
     set claim = null, recipient = $3, reason = $4, next_attempt_at = now() + make_interval(secs => $5)
   where id = $1 and claim = $2`);

/** Why a mail did not go out. */
export interface MailFailure {
  /** Undefined where not even the mail could be written. */
  readonly recipient: string | undefined;
  /** A short code, never what the server said: it may repeat the mail. */
  readonly reason: string;
}

/** Gives claimed mail back, to be tried again after that time. */
export async function postponeMail(
  db: Db,
  { id, claim }: ClaimedMail,
  { recipient, reason, delaySeconds }: MailFailure & { readonly delaySeconds: number },
): Promise<void> {
  await db.query(postpone, [id, claim, recipient ?? null, reason, delaySeconds]);
}

const fail = statement(`
  update mail_outbox set claim = null, recipient = $3, reason = $4, failed_at = now()
   where id = $1 and claim = $2`);

/** Marks mail that is not tried again, unless it is asked for anew. */
export async function failMail(
  db: Db,
  { id, claim }: ClaimedMail,
  { recipient, reason }: MailFailure,
): Promise<void> {
  await db.query(fail, [id, claim, recipient ?? null, reason]);
}

/** Mail that did not go out at its last attempt. */
export interface UnsentMail extends MailFailure {
  readonly id: string;
  readonly kind: string;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Undefined where it is still tried, at `nextAttemptAt`. */
  readonly failedAt: Date | undefined;
  readonly nextAttemptAt: Date;
}

const listed = statement(`
  select id, kind, recipient, coalesce(reason, 'unknown') as reason, attempts,
         created_at as "createdAt", failed_at as "failedAt", next_attempt_at as "nextAttemptAt"
    from mail_outbox where failed_at is not null or reason is not null
   order by failed_at is null, failed_at desc, created_at desc limit $1`);

/** @returns at most so many: first what was given up, the latest first, then what is still tried. */
export async function listUnsentMail(db: Db, limit: number): Promise<UnsentMail[]> {
  type Row = Omit<UnsentMail, 'recipient' | 'failedAt'> & {
    recipient: string | null;
    failedAt: Date | null;
  };
  const rows = await db.query<Row>(listed, [limit]);
  return rows.map(({ recipient, failedAt, ...row }) => ({
    ...row,
    recipient: recipient ?? undefined,
    failedAt: failedAt ?? undefined,
  }));
}

const again = statement(`
  update mail_outbox
     set attempts = 0, next_attempt_at = now(), claim = null, failed_at = null, reason = null
   where ($1::uuid is null and failed_at is not null) or id = $1 returning id`);

/** Has mail tried again at once: that one, or all that was given up. @returns how many. */
export async function retryMail(tx: Db, id: string | undefined): Promise<number> {
  return (await tx.query(again, [id ?? null])).length;
}

const dropTo = statement('delete from mail_outbox where recipient = $1');

/** Forgets what could not be sent to an address whose account is deleted. */
export async function dropMailTo(tx: Db, email: string): Promise<void> {
  await tx.query(dropTo, [email]);
}

const count = statement(`
  select count(*) filter (where failed_at is null)::int as waiting,
         count(*) filter (where failed_at is not null)::int as failed,
         coalesce(extract(epoch from now() - min(created_at) filter (where failed_at is null)), 0)::float
           as "oldestSeconds"
    from mail_outbox`);

/** Mail that waits, mail that was given up, and the age of the oldest that waits. */
export interface OutboxCount {
  readonly waiting: number;
  readonly failed: number;
  readonly oldestSeconds: number;
}

/** @returns undefined where the database does not answer. */
export async function countMail(db: Db): Promise<OutboxCount | undefined> {
  const rows = await db.query<OutboxCount>(count).catch(() => []);
  return rows[0];
}

const drop = statement('delete from mail_outbox where kind = $1 and subject_id = $2');

/** Takes back a mail that was asked for, if it is not out yet. */
export async function dropMail(tx: Db, kind: string, subjectId: string): Promise<void> {
  await tx.query(drop, [kind, subjectId]);
}
