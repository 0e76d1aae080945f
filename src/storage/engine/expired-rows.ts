/**
 * Removal of what has expired, in small batches that hold no lock for long.
 *
 * Rows that another node is removing at the moment are skipped.
 *
 * @module
 */

import { type Db, type Statement, statement } from './database.ts';

const batch = 500;

/**
 * The tables and how a dead row is recognized; a consent takes its grants along, a grant its tokens. A code stays for a day, so
 * that its replay is seen as one; a one-time link for 30 days, so that its page says what happened, and mail that could
 * not be sent, so that operators see it.
 */
const sweeps: readonly Statement[] = [
  ['tokens', 'id', 'expires_at', `kind <> 'AuthorizationCode'`],
  ['tokens', 'id', 'issued_at', `kind = 'AuthorizationCode'`, `now() - interval '1 day 1 minute'`],
  ['refresh_retries', 'token_id', 'expires_at'],
  ['grants', 'id', 'expires_at'],
  ['consents', 'id', 'expires_at'],
  ['sessions', 'id', 'expires_at'],
  ['provider_records', 'ctid', 'expires_at'],
  ['attempt_counters', 'bucket', 'window_ends_at'],
  ['idempotency_keys', 'id', 'expires_at'],
  ['invitation_answers', 'token_hash', 'expires_at'],
  ['set_up_links', 'token_hash', 'expires_at', 'true', `now() - interval '30 days'`],
  ['account_links', 'id', 'expires_at', 'true', `now() - interval '30 days'`],
  ['account_notices', 'id', 'created_at', 'true', `now() - interval '30 days'`],
  ['approval_requests', 'ctid', 'declined_at', 'true', `now() - interval '1 day'`],
  ['application_events', 'id', 'at', 'true', `now() - interval '30 days'`],
  ['application_event_counts', 'ctid', 'day', 'true', `now() - interval '30 days'`],
  ['application_uses', 'ctid', 'day', 'true', 'current_date - 120'],
  ['application_scope_uses', 'ctid', 'last_day', 'true', 'current_date - 120'],
  ['mail_outbox', 'id', 'failed_at', 'failed_at is not null', `now() - interval '30 days'`],
].map(([table, key, end, condition = 'true', before = 'now()']) =>
  statement(`
    with dead as (
      select ${key} from ${table} where ${condition} and ${end} < ${before} order by ${end} limit ${batch}
      for update skip locked),
    gone as (delete from ${table} t using dead where t.${key} = dead.${key} returning 1)
    select count(*)::int as count from gone`),
);

/** Removes at most one batch from each table. @returns whether a batch was full: come back soon. */
export async function sweepExpired(db: Db): Promise<boolean> {
  let isMore = false;
  for (const sweep of sweeps) {
    const [row] = await db.query<{ count: number }>(sweep);
    isMore ||= row?.count === batch;
  }
  return isMore;
}
