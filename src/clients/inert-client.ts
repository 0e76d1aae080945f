/**
 * @module
 */

/** What the client of every resource server has: it asks nobody for anything. */
export const inertClient = {
  applicationType: 'web',
  authMethod: 'client_secret_basic',
  redirectUris: [],
  grantTypes: [],
  scope: '',
  status: 'active',
  dynamic: false,
  dpopBoundAccessTokens: false,
  idTokenSignedResponseAlg: 'RS256',
} as const;
