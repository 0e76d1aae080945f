/**
 * The answers to requests that are not let through.
 *
 * What went wrong between this server and Usher stays inside: the client learns that it can try
 * again, not why.
 *
 * Source: RFC 6750 section 3 (challenge and error codes), RFC 9449 section 7.1 (DPoP challenge),
 * RFC 9470 section 3 (step-up), RFC 9728 section 5.1 (resource_metadata), RFC 9110 section 10.2.3 (Retry-After).
 *
 * @module
 */

import { proofAlgorithms } from './dpop-proof.ts';
import type { Scheme } from './presented-token.ts';

/** An answer instead of the route's own. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 500 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly error: string;
    readonly error_description: string;
    readonly reason?: string;
  };
}

/** What every challenge names. */
export interface Protection {
  readonly realm: string;
  /** Where the metadata of RFC 9728 is; undefined where it is nowhere. */
  readonly metadataUrl: string | undefined;
}

/** No token: a challenge without an error (RFC 6750 section 3.1). */
export function tokenRequired(protection: Protection, scopes: readonly string[] = []): Refusal {
  return refusal(401, 'unauthorized', 'An access token is required.', {
    'www-authenticate': challenge(
      protection,
      'Bearer',
      scopes.length > 0 ? { scope: scopes.join(' ') } : {},
    ),
  });
}

/** The token is malformed, dead, or presented in another way than it was issued for. */
export function invalidToken(
  protection: Protection,
  scheme: Scheme,
  scopes: readonly string[] = [],
): Refusal {
  return challenged(protection, scheme, {
    status: 401,
    error: 'invalid_token',
    description:
      'The access token is expired, revoked, malformed, or not for this server or scheme.',
    scope: scopes.join(' '),
  });
}

/** The proof of possession does not hold for this request. */
export function invalidProof(protection: Protection): Refusal {
  return challenged(protection, 'DPoP', {
    status: 401,
    error: 'invalid_dpop_proof',
    description: 'The DPoP proof is missing, used before, or not for this request and token.',
  });
}

/** What the answer says about rights that a client lacks. */
export interface Lack {
  /** To ask for. */
  readonly scopes?: readonly string[];
  /** In one of Usher's words. */
  readonly reason?: string | undefined;
}

/** The token lives, but does not allow this here. */
export function insufficientScope(
  protection: Protection,
  scheme: Scheme,
  { scopes = [], reason }: Lack = {},
): Refusal {
  const lacking = challenged(protection, scheme, {
    status: 403,
    error: 'insufficient_scope',
    description: 'The access token does not allow this here.',
    scope: scopes.join(' '),
  });
  return reason === undefined ? lacking : { ...lacking, body: { ...lacking.body, reason } };
}

/** The token would do, had its user signed in later, or in another way (RFC 9470 section 3). */
export function insufficientSignIn(
  protection: Protection,
  scheme: Scheme,
  wanted: Pick<Challenged, 'acrValues' | 'maxAge'>,
): Refusal {
  return challenged(protection, scheme, {
    status: 401,
    error: 'insufficient_user_authentication',
    description: 'A more recent sign-in, or one of another class, is required here.',
    ...wanted,
  });
}

/** Says no more than that there is nothing. */
export function notFound(): Refusal {
  return refusal(404, 'not_found', 'There is nothing here.');
}

/** The route is wrong, not the request. */
export function misconfigured(): Refusal {
  return refusal(500, 'server_error', 'This server made a mistake.');
}

/** Usher gave no answer, so nothing is allowed. */
export function unavailable(): Refusal {
  const headers = { 'retry-after': '1' };
  return refusal(503, 'temporarily_unavailable', 'Rights cannot be checked now; retry.', headers);
}

interface Challenged {
  readonly status: 401 | 403;
  readonly error: string;
  readonly description: string;
  readonly scope?: string;
  /** Separated by spaces. */
  readonly acrValues?: string | undefined;
  /** In seconds. */
  readonly maxAge?: number | undefined;
}

function challenged(protection: Protection, scheme: Scheme, lacking: Challenged): Refusal {
  const { status, error, description, scope, acrValues, maxAge } = lacking;
  const parameters = {
    error,
    error_description: description,
    ...(scope && { scope }),
    ...(acrValues !== undefined && { acr_values: acrValues }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  };
  return refusal(status, error, description, {
    'www-authenticate': challenge(protection, scheme, parameters),
  });
}

function challenge(
  { realm, metadataUrl }: Protection,
  scheme: Scheme,
  parameters: Readonly<Record<string, string>>,
): string {
  const all = {
    realm,
    ...parameters,
    ...(scheme === 'DPoP' && { algs: proofAlgorithms.join(' ') }),
    ...(metadataUrl !== undefined && { resource_metadata: metadataUrl }),
  };
  const quoted = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  return `${scheme} ${quoted.join(', ')}`;
}

function refusal(
  status: Refusal['status'],
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return {
    status,
    headers: { ...headers, 'cache-control': 'no-store' },
    body: { error, error_description: description },
  };
}
