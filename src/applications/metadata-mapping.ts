/**
 * A client and the metadata that describes it: the same thing under our names and under those of
 * RFC 7591. What leaves here can be sent back as it is and changes nothing.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';
import { defaultName, defaultScope } from './registration-defaults.ts';

/** The part of a client that an application says about itself. */
export type RegisteredMetadata = Omit<
  Client,
  | 'id'
  | 'status'
  | 'ownerOrganizationId'
  | 'dynamic'
  | 'resourceServer'
  | 'requiresResource'
  | 'audience'
  | 'settings'
  | 'scopeBound'
  | 'createdAt'
>;

/** Reads checked metadata; a name or scope that was not given gets its default. */
export function fromMetadata(metadata: ClientMetadata): RegisteredMetadata {
  const { jwks, contacts, post_logout_redirect_uris: logoutUris } = metadata;
  return {
    name: metadata.client_name ?? defaultName(metadata.redirect_uris),
    applicationType: metadata.application_type,
    authMethod: metadata.token_endpoint_auth_method,
    redirectUris: metadata.redirect_uris,
    grantTypes: metadata.grant_types,
    scope: metadata.scope ?? defaultScope(metadata.grant_types),
    dpopBoundAccessTokens: metadata.dpop_bound_access_tokens,
    idTokenSignedResponseAlg: metadata.id_token_signed_response_alg,
    requirePushedAuthorizationRequests: metadata.require_pushed_authorization_requests,
    ...(logoutUris === undefined ? {} : { postLogoutRedirectUris: logoutUris }),
    ...(metadata.required_scope ? { requiredScope: metadata.required_scope } : {}),
    ...(jwks === undefined ? {} : { jwks }),
    ...(metadata.jwks_uri === undefined ? {} : { jwksUri: metadata.jwks_uri }),
    ...(contacts === undefined ? {} : { contacts }),
    ...(metadata.client_uri === undefined ? {} : { clientUri: metadata.client_uri }),
    ...(metadata.policy_uri === undefined ? {} : { policyUri: metadata.policy_uri }),
    ...(metadata.tos_uri === undefined ? {} : { tosUri: metadata.tos_uri }),
    ...(metadata.logo_uri === undefined ? {} : { logoUri: metadata.logo_uri }),
    ...(metadata.software_id === undefined ? {} : { softwareId: metadata.software_id }),
    ...(metadata.software_version === undefined
      ? {}
      : { softwareVersion: metadata.software_version }),
  };
}

/**
 * Prints what is registered, all of it (RFC 7591 section 3.2.1); never a secret. What is undefined
 * is absent from the JSON, as is the scope of a client that cannot ask.
 */
export function printMetadata(client: Client) {
  return {
    client_name: client.name,
    application_type: client.applicationType,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    token_endpoint_auth_method: client.authMethod,
    scope: client.grantTypes.length === 0 ? undefined : client.scope,
    required_scope: client.requiredScope,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests === true,
    jwks: client.jwks,
    jwks_uri: client.jwksUri,
    client_uri: client.clientUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    logo_uri: client.logoUri,
    contacts: client.contacts,
    software_id: client.softwareId,
    software_version: client.softwareVersion,
  };
}
