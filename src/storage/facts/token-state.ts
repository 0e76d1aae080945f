/**
 * Whether a stored token lives, and if not, why: decided here, for every statement that asks.
 *
 * An operator is told the reason. A resource server never is: to it every dead token is the same,
 * also one that is not stored (any more).
 *
 * Source: RFC 7662 section 2.2 (active).
 *
 * @module
 */

/** Why a token is dead, for `tokens t` with its account `a`, if it has one, and its client `k`. */
const causes = {
  expired: 't.expires_at <= now()',
  /** A code or refresh token was redeemed. */
  spent: 't.consumed_at is not null',
  account_not_active: `a.status is distinct from 'active' and t.account_id is not null`,
  application_suspended: `k.status <> 'active'`,
} as const;

/** Why a stored token is dead. */
export type CauseOfDeath = keyof typeof causes;

/** SQL: the first cause of a token's death as text; null while it lives. */
export const causeOfDeath = `case ${Object.entries(causes)
  .map(([cause, condition]) => `when ${condition} then '${cause}'`)
  .join(' ')} end`;

/** SQL: whether the application is suspended, which alone may be told where the token is known. */
export const isSuspended = causes.application_suspended;

/** SQL: whether nothing but a suspension of its application makes the token dead. */
export const livesOrIsSuspended = Object.values(causes)
  .filter((condition) => condition !== isSuspended)
  .map((condition) => `not (${condition})`)
  .join(' and ');
