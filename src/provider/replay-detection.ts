/**
 * Proofs and assertions are accepted once, also when two come at the same moment on two nodes.
 *
 * The library looks first and saves then. Here both are one statement, which stays committed when the
 * request is refused for another reason.
 *
 * Source: RFC 9449 section 11.1, RFC 7523 section 3 (jti).
 *
 * @module
 */

import type { Provider } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import type { Database } from '../storage/engine/database.ts';
import { recordOnce } from '../storage/tokens/provider-records.ts';
import { detectReplays } from './library-internals.ts';
import { toOAuthError } from './request-db.ts';

/**
 * The library takes a proof whose clock is ahead by as much, and would remember it only until it has
 * caught up.
 */
const clockAheadSeconds = 300;

/** Replaces the library's way to find out whether an id was seen before. */
export function atomicReplayDetection(provider: Provider, database: Database): void {
  detectReplays(provider, (issuer, jti, expiresAt) => {
    const id = sha256(JSON.stringify([issuer, jti]));
    const left = Math.max(1, expiresAt - Math.floor(Date.now() / 1000));
    return recordOnce(database, id, left + clockAheadSeconds).catch(toOAuthError);
  });
}
