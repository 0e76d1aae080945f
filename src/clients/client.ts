/**
 * What an application is: the client of RFC 6749 section 2, and a resource server where it is one.
 *
 * A secret is not part of it: a client has any number of them, kept only as what verifies them.
 *
 * @module
 */

import type { ClientSettings } from './client-settings.ts';
import type { PublicKey } from './public-keys.ts';

/** RFC 8252: `native` runs on the user's device, `web` on a server of its own. */
export const applicationTypes = ['web', 'native'] as const;
export type ApplicationType = (typeof applicationTypes)[number];

/** RFC 7591 section 2, RFC 7523: how a client proves itself at the token endpoint. */
export const authMethods = [
  'client_secret_basic',
  'client_secret_post',
  'none',
  'private_key_jwt',
] as const;
export type AuthMethod = (typeof authMethods)[number];

/** RFC 7591 section 2: the grants that an application can register. */
export const grantTypes = ['authorization_code', 'refresh_token'] as const;
export type GrantType = (typeof grantTypes)[number];

/**
 * OpenID Connect Registration section 2: how ID tokens can be signed. RS256, which every client
 * understands, is what a client gets that names none.
 */
export const idTokenAlgorithms = ['RS256', 'ES256'] as const;
export type IdTokenAlgorithm = (typeof idTokenAlgorithms)[number];

/** Whose tokens a resource server may introspect: everyone's, or what concerns one organization. */
export type ResourceServer =
  | { readonly kind: 'platform' }
  | { readonly kind: 'organization'; readonly organizationId: string };

export interface Client {
  /** The `client_id`; never used again for another client. */
  readonly id: string;
  readonly name: string;
  readonly applicationType: ApplicationType;
  readonly authMethod: AuthMethod;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  /**
   * The registered scopes in canonical form, separated by one space; may be empty. Of an application
   * that registered itself they are what it asks for when its request names none.
   */
  readonly scope: string;
  /**
   * The most that it may ask for, and that its tokens may do: `scope`; of an application that
   * registered itself the operator's ceiling, since it could register anew.
   */
  readonly scopeBound: string;
  /** A suspended client gets no token, and the tokens it has are inactive. */
  readonly status: 'active' | 'suspended';
  /** Absent for an application that registered itself and that no organization took over. */
  readonly ownerOrganizationId?: string;
  /** Made by dynamic registration (RFC 7591): nobody has vouched for it. */
  readonly dynamic: boolean;
  /** Undefined for an application that only asks for tokens. */
  readonly resourceServer: ResourceServer | undefined;
  /** A resource server that must name the resource when it introspects. */
  readonly requiresResource: boolean;
  /** Of a resource server: the resource indicator (RFC 8707) that tokens for it alone carry as `aud`. */
  readonly audience?: string;
  readonly dpopBoundAccessTokens: boolean;
  readonly idTokenSignedResponseAlg: IdTokenAlgorithm;
  /** It registered that its authorization requests are all pushed (RFC 9126 section 6). */
  readonly requirePushedAuthorizationRequests?: boolean;
  /** Where people may be sent after signing out (OpenID Connect RP-Initiated Logout section 3.1). */
  readonly postLogoutRedirectUris?: readonly string[];
  /** The part of `scope` that a user cannot leave out, in canonical form (clients/required-scope.ts). */
  readonly requiredScope?: string;
  /** The keys for `private_key_jwt`; undefined also where they are at `jwksUri`. */
  readonly jwks?: { readonly keys: readonly PublicKey[] };
  /** Where the keys for `private_key_jwt` are, instead of `jwks`. */
  readonly jwksUri?: string;
  /** What an application calls itself that is known by its document, and by the document's host. */
  readonly claimedName?: string;
  /** Pages about the application: shown as links, never fetched and never embedded. */
  readonly clientUri?: string;
  readonly policyUri?: string;
  readonly tosUri?: string;
  readonly logoUri?: string;
  /** E-mail addresses, in the form of src/lib/email-address.ts. */
  readonly contacts?: readonly string[];
  readonly softwareId?: string;
  readonly softwareVersion?: string;
  /** What an operator set for this client; only client-settings.ts reads it. */
  readonly settings: ClientSettings;
  readonly createdAt: Date;
}
