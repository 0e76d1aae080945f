/**
 * The OAuth endpoints: oidc-provider, with Usher's storage, decisions and rules around it.
 *
 *   request -> pinned host -> (token, revocation: one transaction) -> oidc-provider -> adapter -> tables
 *                                                                  -> introspection: the live answer
 *
 * @module
 */

import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import { isClientSecret } from '../storage/client-secrets.ts';
import type { Database } from '../storage/database.ts';
import { createConfiguration, type ProviderSettings } from './configuration.ts';
import { answerIntrospection, isIntrospectionAllowed } from './introspection-endpoint.ts';
import type { Keyring } from './keyring.ts';
import { keepStrangersErrors } from './open-redirection.ts';
import { onlyQueryResponses } from './query-responses.ts';
import { atomicReplayDetection } from './replay-detection.ts';
import { requestDb } from './request-db.ts';
import { tokenEndpoint } from './token-endpoint.ts';

/** Makes the provider. It answers what is under /oauth, and both metadata addresses. */
export function createProvider(settings: ProviderSettings, keyring: Keyring): Provider {
  const { database, issuer, renderError } = settings;
  const allowed = isIntrospectionAllowed(database, issuer);
  const provider = new Provider(issuer, createConfiguration(settings, keyring, allowed));
  provider.proxy = true; // the headers it then believes are set by pinned-host.ts
  prefixTokens(provider);
  compareSecretsByHash(provider, database);
  atomicReplayDetection(provider, database);
  provider.use(retryAfter);
  provider.use(tokenEndpoint(database));
  provider.use(answerIntrospection);
  provider.use(keepStrangersErrors(requestDb(database), renderError));
  provider.use(onlyQueryResponses);
  return provider;
}

/** Tokens say what they are; the library's own id is still made, since that sets the format. */
function prefixTokens(provider: Provider): void {
  const kinds = [
    [provider.AccessToken, secretPrefixes.accessToken],
    [provider.RefreshToken, secretPrefixes.refreshToken],
    [provider.AuthorizationCode, secretPrefixes.authorizationCode],
    [provider.ClientCredentials, secretPrefixes.serviceToken],
  ] as const;
  for (const [{ prototype }, prefix] of kinds) {
    const model = prototype as unknown as { generateTokenId(): string };
    const generate = model.generateTokenId;
    model.generateTokenId = function generateTokenId() {
      generate.call(this);
      return randomSecret(prefix);
    };
  }
}

function compareSecretsByHash(provider: Provider, database: Database): void {
  const db = requestDb(database);
  const model = provider.Client.prototype as unknown as {
    clientId: string;
    compareClientSecret(secret: string): Promise<boolean>;
  };
  model.compareClientSecret = function compareClientSecret(secret) {
    return isClientSecret(db, this.clientId, secret);
  };
}

async function retryAfter(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
}
