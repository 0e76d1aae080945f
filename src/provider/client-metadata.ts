/**
 * A client as oidc-provider wants it: RFC 7591 names, and no secret.
 *
 * @module
 */

import type { ClientMetadata } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import {
  keepsRefreshToken,
  mayNameTokenEndpoint,
  mayOmitChallenge,
  requiresPushedRequests,
} from '../clients/client-settings.ts';
import { isServiceClient } from '../clients/service-clients.ts';

/** A client of the library; what is ours travels with it under names of its own. */
export interface LibraryClient {
  readonly clientId: string;
  /** The most that it may ask for: the library's own field would refuse before we can explain. */
  readonly usher_scope_bound?: string;
  /** What a request without `scope` asks for; undefined where a request must say it. */
  readonly usher_default_scope?: string;
  /** PKCE was lifted for this client. */
  readonly usher_challenge_optional?: boolean;
  /** A refresh leaves its refresh token as it is. */
  readonly usher_refresh_token_kept?: boolean;
  /** Its assertions may be for the token endpoint. */
  readonly usher_token_endpoint_audience?: boolean;
}

/** Our properties of `LibraryClient`. */
export const ownProperties = [
  'usher_scope_bound',
  'usher_default_scope',
  'usher_challenge_optional',
  'usher_refresh_token_kept',
  'usher_token_endpoint_audience',
];

/** Whether a refresh leaves the refresh token of a client as it is. */
export function isRefreshTokenKept(client: LibraryClient | undefined): boolean {
  return client?.usher_refresh_token_kept === true;
}

/** A filler where the library wants a secret; what is compared are hashes (client-secrets.ts). */
const noSecret = 'kept as a hash';

/** Prints a client for the library. */
export function toClientMetadata(client: Client): ClientMetadata {
  const isAsking = client.grantTypes.includes('authorization_code');
  const hasSecret = client.authMethod.startsWith('client_secret');
  return {
    client_id: client.id,
    client_name: client.name,
    application_type: client.applicationType,
    redirect_uris: [...client.redirectUris],
    grant_types: isServiceClient(client) ? ['client_credentials'] : [...client.grantTypes],
    response_types: isAsking ? ['code'] : [],
    token_endpoint_auth_method: client.authMethod,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    require_pushed_authorization_requests: requiresPushedRequests(client),
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    ...scopesOf(client),
    usher_challenge_optional: mayOmitChallenge(client),
    usher_refresh_token_kept: keepsRefreshToken(client),
    usher_token_endpoint_audience: mayNameTokenEndpoint(client),
    ...(hasSecret ? { client_secret: noSecret } : {}),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
    // Where the keys are elsewhere the library gets them from clients-elsewhere.ts; none that it fetches.
    ...(client.jwksUri === undefined ? {} : { jwks: { keys: [] } }),
  };
}

/** What a client may ask for, and asks for when its request names no scope. */
export function scopesOf(
  client: Client,
): Pick<LibraryClient, 'usher_scope_bound' | 'usher_default_scope'> {
  const bound = { usher_scope_bound: client.scopeBound };
  return client.dynamic ? { ...bound, usher_default_scope: client.scope } : bound;
}
