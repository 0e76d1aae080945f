/**
 * How the answer to a request without a good token says what to bring: each challenge names the metadata of this
 * API, where a client finds out who issues tokens for it.
 *
 * Source: RFC 6750 section 3, RFC 9449 section 7.1 (DPoP challenge), RFC 9728 section 5.1
 * (resource_metadata), RFC 9110 section 11.6.1 (several challenges).
 *
 * @module
 */

import { ownResource } from '../../clients/own-resource.ts';
import { proofAlgorithms } from '../../resource-server/dpop-proof.ts';
import type { Scheme } from '../../resource-server/presented-token.ts';
import { metadataUrl } from '../../resource-server/protected-resource-metadata.ts';

/** What is asked for: a token under one of the schemes. */
export interface Challenge {
  readonly schemes: readonly Scheme[];
  readonly error?: 'invalid_token' | 'invalid_dpop_proof' | 'insufficient_scope';
  readonly scope?: string;
}

/** @returns the value of WWW-Authenticate. @param issuer without a slash at the end. */
export function printChallenge({ schemes, error, scope }: Challenge, issuer: string): string {
  const about = metadataUrl(ownResource(issuer)).href;
  return schemes
    .map((scheme) => {
      const parameters = {
        ...(error && { error }),
        ...(scope && { scope }),
        ...(scheme === 'DPoP' && { algs: proofAlgorithms.join(' ') }),
        resource_metadata: about,
      };
      const quoted = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
      return `${scheme} ${quoted.join(', ')}`;
    })
    .join(', ');
}
