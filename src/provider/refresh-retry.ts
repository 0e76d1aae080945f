/**
 * A client that lost the answer to a refresh repeats it with the old token, and gets the same answer.
 *
 * The answer is kept encrypted under a key derived from the old token, so the database alone gives
 * no token away. It is bound to the client, its way of authenticating, its DPoP key and what it asks
 * for: several processes of one host may name what the token has anyway, or leave it out. The window is the setting REFRESH_RETRY_SECONDS, and ends with the first use of the
 * successor. Any other use of a spent token ends the grant.
 *
 * Source: RFC 9700 section 4.14 (refresh token protection); config/decisions.md ("A lost answer may be
 * fetched again").
 *
 * @module
 */

import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { expandForRefresh } from '../catalogue/expand-scope.ts';
import { parseScopeSet } from '../catalogue/scope-set.ts';
import { inOneSpelling, isSameResource } from '../clients/resource-indicators.ts';
import { formatAskedScope, isAskedIn, parseAskedScope } from '../consent/asked-scope.ts';
import { open, seal } from '../lib/key-wrapping.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { findRetryAnswer } from '../storage/tokens/refresh-retries.ts';
import { isTokenUnspent, type StoredToken } from '../storage/tokens/tokens.ts';

/** @returns the answer of a refresh, sealed under the token that it spends. */
export async function sealRetryAnswer(
  ctx: KoaContextWithOIDC,
  spent: string,
  stored: SpentToken,
): Promise<Buffer> {
  const print = await fingerprint(ctx, stored);
  return seal(keyOf(spent), Buffer.from(JSON.stringify(ctx.body)), print);
}

/**
 * @param retrySeconds how long after the token was spent a retry is answered; 0: not at all.
 * @returns the answer (JSON) to give again; undefined when this use of the token is not a retry.
 */
export async function openRetryAnswer(
  db: Db,
  ctx: KoaContextWithOIDC,
  spent: string,
  stored: StoredToken,
  retrySeconds: number,
): Promise<string | undefined> {
  const { spentSecondsAgo } = stored;
  if (spentSecondsAgo === undefined || spentSecondsAgo >= retrySeconds) return undefined;
  const sealed = await findRetryAnswer(db, sha256(spent));
  const answer = sealed && (await unseal(ctx, spent, stored, sealed));
  if (answer === undefined) return undefined;
  const successor = (JSON.parse(answer) as { refresh_token: string }).refresh_token;
  return (await isTokenUnspent(db, sha256(successor))) ? answer : undefined;
}

async function unseal(ctx: KoaContextWithOIDC, spent: string, stored: SpentToken, sealed: Buffer) {
  const print = await fingerprint(ctx, stored);
  try {
    return open(keyOf(spent), sealed, print).toString();
  } catch {
    return undefined; // other parameters, another key or another client: not a retry
  }
}

/**
 * A token carries 256 random bits, so one hash makes a key of it, which reveals nothing about the hash
 * under which it is stored (NIST SP 800-56C, section 4: one-step key derivation).
 */
function keyOf(spent: string): Buffer {
  return sha256(`\0\0\0\x01${spent}usher refresh retry`);
}

/** What a refresh token may be asked for. */
type SpentToken = Pick<StoredToken, 'scope' | 'payload'>;

/** What must be the same for a request to be a retry of another. The library has verified the proof. */
async function fingerprint(ctx: KoaContextWithOIDC, stored: SpentToken): Promise<string> {
  const { client, body } = ctx.oidc;
  const {
    client_secret: _,
    client_assertion: __,
    refresh_token: ___,
    ...sent
  } = body as Record<string, unknown>;
  const asked = Object.entries({
    ...sent,
    scope: askedScope(sent['scope'], stored),
    resource: askedResource(sent['resource'], stored),
  });
  const ordered = asked
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const proof = ctx.get('DPoP');
  const jwk = proof === '' ? undefined : decodeProtectedHeader(proof).jwk;
  const jkt = jwk === undefined ? '' : await calculateJwkThumbprint(jwk);
  const byHeader = ctx.get('Authorization') !== '';
  return JSON.stringify([client?.clientId, client?.clientAuthMethod, byHeader, jkt, ordered]);
}

/** @returns undefined of all that the token was issued with: a request without `scope` asks for that. */
function askedScope(sent: unknown, { scope: issued }: SpentToken): unknown {
  if (typeof sent !== 'string') return sent;
  const expansion = expandForRefresh(sent, parseScopeSet(issued));
  if (expansion.outcome === 'refused') return sent;
  const asked = parseAskedScope(`${expansion.scope} offline_access`); // it changes nothing at a refresh
  return isAskedIn(parseAskedScope(issued), asked) ? undefined : formatAskedScope(asked);
}

/** @returns undefined of the one that the token was granted for: it is meant without `resource`, too. */
function askedResource(sent: unknown, { payload: { resource: granted } }: SpentToken): unknown {
  if (typeof sent !== 'string') return sent;
  const isGranted = typeof granted === 'string' && isSameResource(granted, sent);
  return isGranted ? undefined : inOneSpelling(sent);
}
