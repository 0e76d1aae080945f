/**
 * oidc-provider as its documentation shows it, with introspection, codes, refresh tokens and client credentials.
 *
 * @module
 */

import { type AdapterFactory, type Configuration, Provider } from 'oidc-provider';

/** Serves on PORT of loopback. */
export function serveProvider(
  adapter: AdapterFactory,
  clients: NonNullable<Configuration['clients']>,
): void {
  const provider = new Provider(process.env['ISSUER'] ?? '', {
    adapter,
    clients,
    scopes: ['openid', 'offline_access', 'read', 'write'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    cookies: { keys: ['bench'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: async () => true },
    },
  });
  provider.listen(Number(process.env['PORT']), '127.0.0.1');
}
