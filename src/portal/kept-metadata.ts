/**
 * What a change by the portal's form leaves as it is: how an application proves itself, its keys, where it
 * sends people after signing out, and whatever else the form does not show.
 *
 * @module
 */

import { fromMetadata, type RegisteredMetadata } from '../applications/metadata-mapping.ts';
import { oidcScopes } from '../catalogue/scopes.ts';
import type { Client } from '../clients/client.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';

/** @param typed what the form says, whole. @returns what is registered after the change. */
export function afterChange(before: Client, typed: ClientMetadata): RegisteredMetadata {
  const { grantTypes, authMethod, applicationType, idTokenSignedResponseAlg } = before;
  const { jwks, jwksUri, postLogoutRedirectUris, logoUri, softwareId, softwareVersion } = before;
  const { dpopBoundAccessTokens, requirePushedAuthorizationRequests } = before;
  const kept = Object.entries({
    jwks,
    jwksUri,
    postLogoutRedirectUris,
    logoUri,
    softwareId,
    softwareVersion,
    requirePushedAuthorizationRequests,
    contacts: contactsAfter(before, typed),
  });
  return {
    ...fromMetadata(typed),
    grantTypes,
    authMethod,
    applicationType,
    idTokenSignedResponseAlg,
    dpopBoundAccessTokens,
    scope: scopeAfter(before, typed),
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
  };
}

/** The form has the first one. */
function contactsAfter({ contacts = [] }: Client, typed: ClientMetadata) {
  const after = [...(typed.contacts ?? []), ...contacts.slice(1)];
  return after.length === 0 ? undefined : after;
}

/** The form has the catalogue's scopes; those of OpenID stay. */
function scopeAfter(before: Client, { scope = '' }: ClientMetadata): string {
  const isOpenid = (one: string) => oidcScopes.some((known) => known === one);
  const openid = before.scope.split(' ').filter(isOpenid);
  return [...openid, ...scope.split(' ').filter((one) => one !== '' && !isOpenid(one))].join(' ');
}

/** @returns what is registered when an application proves itself in another way, and nothing else changes. */
export function withProof(
  before: Client,
  { authMethod, jwks, jwksUri }: Pick<RegisteredMetadata, 'authMethod' | 'jwks' | 'jwksUri'>,
): RegisteredMetadata {
  const { name, applicationType, redirectUris, grantTypes, scope } = before;
  const { requiredScope, claimedName, clientUri, policyUri, tosUri } = before;
  const { dpopBoundAccessTokens, idTokenSignedResponseAlg } = before;
  const { requirePushedAuthorizationRequests, postLogoutRedirectUris, logoUri } = before;
  const { contacts, softwareId, softwareVersion } = before;
  const others = Object.entries({
    requiredScope,
    claimedName,
    clientUri,
    policyUri,
    tosUri,
    requirePushedAuthorizationRequests,
    postLogoutRedirectUris,
    logoUri,
    contacts,
    softwareId,
    softwareVersion,
    jwks,
    jwksUri,
  });
  return {
    name,
    applicationType,
    authMethod,
    redirectUris,
    grantTypes,
    scope,
    dpopBoundAccessTokens,
    idTokenSignedResponseAlg,
    ...Object.fromEntries(others.filter(([, value]) => value !== undefined)),
  };
}
