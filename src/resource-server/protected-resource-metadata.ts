/**
 * What a client can learn about this server before it has a token.
 *
 * Source: RFC 9728 sections 2 (parameters) and 3 (where it is).
 *
 * @module
 */

import { proofAlgorithms } from './dpop-proof.ts';

/** The document, with the names of RFC 9728. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly dpop_signing_alg_values_supported: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
}

/** What a server says about itself. */
export interface MetadataOptions {
  /** The scopes that clients need here. */
  readonly scopes?: readonly string[];
  /** For people. */
  readonly name?: string;
  /** A page for developers. */
  readonly documentation?: string;
}

/** @param url the public address of the server, as clients name it. */
export function describeResource(
  url: string,
  issuer: string,
  { scopes, name, documentation }: MetadataOptions,
): ProtectedResourceMetadata {
  return {
    resource: url,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(scopes !== undefined && { scopes_supported: scopes }),
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
  };
}

/** Between the host and the path of `url`, without a slash at the end. */
export function metadataUrl(url: string): URL {
  const { origin, pathname } = new URL(url);
  const path = pathname === '/' ? '' : pathname;
  return new URL(`${origin}/.well-known/oauth-protected-resource${path}`);
}
