/**
 * When a consent ends. Its grants and tokens are cut to that end at once and never lengthened, so
 * what is out ends on time even where the user later chooses a longer one.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** SQL: whether the consent, an alias, has not ended. */
export const isAlive = (of: string) => `(${of}.expires_at is null or ${of}.expires_at > now())`;

const setEnd = statement(`
  update consents set expires_at = now() + make_interval(secs => $2::float8) where id = $1`);

/** Issuing holds the grant's row: who comes first is cut here, who comes later reads the new end. */
const cutGrants = statement(`
  update grants g set expires_at = c.expires_at
    from consents c where c.id = $1 and g.consent_id = c.id and g.expires_at > c.expires_at`);
const cutTokens = statement(`
  update tokens t set expires_at = c.expires_at
    from consents c, grants g
   where c.id = $1 and g.consent_id = c.id and t.grant_id = g.id and t.expires_at > c.expires_at`);

/**
 * Sets the end, counted from now by the database's clock.
 *
 * @param seconds null takes the end away.
 */
export async function endConsentAfter(tx: Db, id: string, seconds: number | null): Promise<void> {
  await tx.query(setEnd, [id, seconds]);
  if (seconds === null) return;
  await tx.query(cutGrants, [id]);
  await tx.query(cutTokens, [id]);
}
