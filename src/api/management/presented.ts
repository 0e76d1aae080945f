/**
 * The token that a request presents, and the proof that it is presented by whoever holds its key.
 *
 *     Authorization: Bearer usher_at_...    a token that is bound to no key
 *     Authorization: DPoP usher_at_...      a token that is bound to a key, with a proof
 *     DPoP: eyJ...
 *
 * A proof counts once, on all nodes together.
 *
 * Source: RFC 6750 section 2.1, RFC 9449 sections 4.3, 7.1 and 11.1.
 *
 * @module
 */

import type Koa from 'koa';
import { hasValidChecksum, secretPrefixes, sha256 } from '../../lib/secrets.ts';
import { readProof } from '../../resource-server/dpop-proof.ts';
import { readAuthorization, type Scheme } from '../../resource-server/presented-token.ts';
import type { Database } from '../../storage/engine/database.ts';
import { recordOnce } from '../../storage/tokens/provider-records.ts';
import { deadToken, nobody, unproven } from './refused-tokens.ts';

/** A token that has the form of one of ours. */
export interface Presented {
  readonly kind: 'access' | 'service';
  readonly tokenHash: Buffer;
  /**
   * Checks that the token is presented as it was issued. The proof is used up by the first check;
   * any other compares the key.
   *
   * @param thumbprint of the key that the token is bound to; undefined: to none.
   * @throws {ProblemError} `unauthenticated`: under the wrong scheme, or without a valid proof.
   */
  checkBinding(thumbprint: string | undefined): Promise<void>;
}

/** As long as the token endpoint accepts a proof: a client has one clock for both. */
const window = { ageSeconds: 300, skewSeconds: 300 };

/** A node's clock may be behind by as much, and accept a proof for longer. */
const clockDifferenceSeconds = 300;
const rememberedSeconds = window.ageSeconds + window.skewSeconds + clockDifferenceSeconds;

/**
 * @returns the token of the Authorization header, which is there.
 * @throws {ProblemError} `unauthenticated`: another scheme, or no token of ours.
 */
export function readPresented(
  ctx: Koa.Context,
  { issuer, database }: { readonly issuer: string; readonly database: Database },
): Presented {
  const presented = readAuthorization(ctx.get('Authorization'));
  if (presented.kind === 'none') throw nobody();
  const { scheme } = presented;
  if (presented.kind === 'malformed') throw deadToken(scheme);
  const { token } = presented;
  const kind = kindOf(token);
  if (kind === undefined || !hasValidChecksum(token)) throw deadToken(scheme);
  const prove = prover(ctx, issuer, database, token);
  return { kind, tokenHash: sha256(token), checkBinding: bindingCheck(scheme, prove) };
}

function kindOf(token: string): Presented['kind'] | undefined {
  if (token.startsWith(secretPrefixes.accessToken)) return 'access';
  return token.startsWith(secretPrefixes.serviceToken) ? 'service' : undefined;
}

type Prove = (thumbprint: string) => Promise<boolean>;

function bindingCheck(scheme: Scheme, prove: Prove): Presented['checkBinding'] {
  let proven: string | undefined;
  return async (thumbprint) => {
    if (thumbprint === undefined) {
      if (scheme === 'DPoP') throw deadToken(scheme);
      return;
    }
    if (scheme !== 'DPoP') throw deadToken('DPoP');
    if (proven === undefined && (await prove(thumbprint))) proven = thumbprint;
    if (proven !== thumbprint) throw unproven();
  };
}

function prover(ctx: Koa.Context, issuer: string, database: Database, token: string): Prove {
  return async (thumbprint) => {
    const url = new URL(issuer + ctx.path);
    // A path such as /a/../b is another one for routes than for whoever reads it as an address.
    if (url.pathname !== ctx.path) return false;
    const proof = ctx.get('DPoP');
    const now = Math.floor(Date.now() / 1000);
    const id = readProof({ proof, method: ctx.method, url, token, thumbprint, now, window });
    if (id === undefined) return false;
    return recordOnce(database, sha256(JSON.stringify(['management', id])), rememberedSeconds);
  };
}
