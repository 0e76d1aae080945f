/**
 * A spent code or refresh token is presented once more: a client that repeats itself, or a theft.
 *
 * A code within 30 s is a duplicate: refused, and nothing ends. A refresh token gets its answer again
 * when this is a retry of the request that spent it (refresh-retry.ts). Any other use ends the grant,
 * in a statement of its own, whatever becomes of the request.
 *
 * Source: RFC 6749 section 4.1.2, RFC 9700 section 4.14.2; config/decisions.md ("A lost answer may be fetched again").
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Db } from '../storage/engine/database.ts';
import type { StoredToken } from '../storage/tokens/tokens.ts';
import { deleteGrant } from '../storage/tokens/tokens.ts';
import { openRetryAnswer } from './refresh-retry.ts';

/** A second redemption this soon is a client that repeats itself; later it is a replay. */
const duplicateWindowSeconds = 30;

/** Whether the presentation of this code is a duplicate of the one that spent it. */
export function isDuplicateOf(
  { spentSecondsAgo, clientId }: StoredToken,
  ctx: KoaContextWithOIDC,
): boolean {
  return (
    spentSecondsAgo !== undefined &&
    spentSecondsAgo < duplicateWindowSeconds &&
    ctx.oidc.client?.clientId === clientId
  );
}

/**
 * @param retrySeconds how long after the token was spent a retry is answered.
 * @returns the answer (JSON) to give again; undefined when this was no retry, and ended the grant.
 */
export async function repeatRefresh(
  db: Db,
  ctx: KoaContextWithOIDC,
  value: string,
  stored: StoredToken,
  retrySeconds: number,
): Promise<string | undefined> {
  const answer = await openRetryAnswer(db, ctx, value, stored, retrySeconds);
  if (answer === undefined) await deleteGrant(db, stored.grantId);
  return answer;
}
