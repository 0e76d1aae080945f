/**
 * The OAuth endpoints: oidc-provider, with Usher's storage, decisions and rules around it.
 *
 *   request -> pinned host -> (token: one read, one write) -> oidc-provider -> adapter -> tables
 *                                                          -> introspection: the live answer
 *
 * @module
 */

import { timingSafeEqual } from 'node:crypto';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { randomSecret, secretPrefixes, sha256 } from '../lib/secrets.ts';
import { isClientSecret } from '../storage/client-secrets.ts';
import type { Database } from '../storage/database.ts';
import type { LiveSecret } from '../storage/redemptions.ts';
import { hashAccessTokens } from './access-token-hash.ts';
import { authorizationMethods } from './authorization-methods.ts';
import { createConfiguration, type ProviderSettings } from './configuration.ts';
import { noteDenials } from './denials.ts';
import { omitEmptyFromBodies, omitEmptyFromQuery } from './empty-parameters.ts';
import { endFormChains } from './form-chains.ts';
import { answerIntrospection, isIntrospectionAllowed } from './introspection-endpoint.ts';
import type { Keyring } from './keyring.ts';
import { refuseOtherMethods } from './machine-endpoints.ts';
import { keepStrangersErrors } from './open-redirection.ts';
import { onlyQueryResponses } from './query-responses.ts';
import { keepRedirectUri } from './redirect-answers.ts';
import { releaseContexts } from './released-contexts.ts';
import { atomicReplayDetection } from './replay-detection.ts';
import { requestDb } from './request-db.ts';
import { limitRequests } from './request-limits.ts';
import { resumeOnce } from './resume.ts';
import { tellOfSaves } from './saved-records.ts';
import { sessionCookies } from './session-cookies.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { currentRequest } from './token-request.ts';

/** Makes the provider. It answers what is under /oauth, and both metadata addresses. */
export function createProvider(settings: ProviderSettings, keyring: Keyring): Provider {
  const { database, issuer, renderError } = settings;
  const allowed = isIntrospectionAllowed(database, issuer);
  const provider = new Provider(issuer, createConfiguration(settings, keyring, allowed));
  provider.proxy = true; // the headers it then believes are set by pinned-host.ts
  prefixTokens(provider);
  hashAccessTokens(provider);
  compareSecretsByHash(provider, database);
  atomicReplayDetection(provider, database);
  tellOfSaves(provider);
  noteDenials(provider);
  omitEmptyFromBodies(provider);
  for (const middleware of settings.first) provider.use(middleware);
  releaseContexts(provider);
  const sessionCookie = provider.cookieName('session');
  provider.use(retryAfter);
  provider.use(refuseOtherMethods);
  provider.use(authorizationMethods(renderError));
  provider.use(omitEmptyFromQuery);
  provider.use(tokenEndpoint(database));
  provider.use(answerIntrospection);
  provider.use(resumeOnce(database, { issuer, sessionCookie, renderError }));
  provider.use(endFormChains(issuer, settings.renderReturn));
  provider.use(limitRequests(requestDb(database), settings));
  provider.use(keepStrangersErrors(requestDb(database), renderError));
  provider.use(keepRedirectUri);
  provider.use(onlyQueryResponses);
  provider.use(sessionCookies(provider));
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
    const { secrets } = currentRequest()?.redemption ?? {};
    return secrets === undefined
      ? isClientSecret(db, this.clientId, secret)
      : isOneOf(secrets, secret, () => isClientSecret(db, this.clientId, secret));
  };
}

/** The use of a secret is noted to the hour; that it was one then is asked once more, and counts. */
async function isOneOf(
  secrets: readonly LiveSecret[],
  presented: string,
  note: () => Promise<boolean>,
): Promise<boolean> {
  const hash = sha256(presented);
  const hit = secrets.find((secret) => timingSafeEqual(secret.hash, hash));
  if (hit === undefined) return false;
  return hit.isNoted || note();
}

async function retryAfter(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
}
