/**
 * Requests without a token that would do, in the words of the challenges.
 *
 * Source: RFC 6750 section 3.1, RFC 9449 section 7.1.
 *
 * @module
 */

import type { ScopeName } from '../../catalogue/scopes.ts';
import type { Scheme } from '../../resource-server/presented-token.ts';
import { ProblemError } from './problems.ts';

/** No credentials: both schemes would do, and there is no error (RFC 6750 section 3.1). */
export function nobody(): ProblemError {
  return new ProblemError('unauthenticated', { challenge: { schemes: ['Bearer', 'DPoP'] } });
}

/** RFC 6750 section 3.1. @param scheme under which the token would have to come. */
export function deadToken(scheme: Scheme = 'Bearer'): ProblemError {
  const challenge = { schemes: [scheme], error: 'invalid_token' } as const;
  return new ProblemError('unauthenticated', { challenge });
}

/** The token is bound to a key, and the proof is missing, used before or not for this request. */
export function unproven(): ProblemError {
  return new ProblemError('unauthenticated', {
    detail: 'The DPoP proof is missing, used before, or not for this request and token.',
    challenge: { schemes: ['DPoP'], error: 'invalid_dpop_proof' },
  });
}

/** @param scopes any of them would be enough. @param isBound whether the token is bound to a key. */
export function insufficientScope(scopes: readonly ScopeName[], isBound: boolean): ProblemError {
  return new ProblemError('insufficient-scope', {
    detail: `It takes one of: ${scopes.join(', ')}.`,
    challenge: {
      schemes: [isBound ? 'DPoP' : 'Bearer'],
      error: 'insufficient_scope',
      scope: scopes.join(' '),
    },
  });
}
