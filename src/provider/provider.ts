/**
 * The OAuth endpoints: oidc-provider, with Usher's storage, decisions and rules around it.
 *
 *   request -> pinned host -> (token: one read, one write) -> oidc-provider -> adapter -> tables
 *                                                          -> introspection: the live answer
 *
 * @module
 */

import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import { keepUiLocales } from '../lib/ui-locales.ts';
import { hashAccessTokens } from './access-token-hash.ts';
import { authorizationMethods } from './authorization-methods.ts';
import { compareSecretsByHash } from './client-secrets.ts';
import { createConfiguration, type ProviderSettings } from './configuration.ts';
import { noteDenials } from './denials.ts';
import { omitEmptyFromBodies, omitEmptyFromQuery } from './empty-parameters.ts';
import { noteFlows } from './flow-events.ts';
import { endFormChains } from './form-chains.ts';
import { answerIntrospection, isIntrospectionAllowed } from './introspection-endpoint.ts';
import type { Keyring } from './keyring.ts';
import { generateTokenIds } from './library-internals.ts';
import { refuseOtherMethods } from './machine-endpoints.ts';
import { keepStrangersErrors } from './open-redirection.ts';
import { onlyQueryResponses } from './query-responses.ts';
import { keepRedirectUri } from './redirect-answers.ts';
import { releaseContexts } from './released-contexts.ts';
import { atomicReplayDetection } from './replay-detection.ts';
import { requestDb } from './request-db.ts';
import { limitRequests } from './request-limits.ts';
import { resumeOnce } from './resume.ts';
import { noteSaves } from './saved-records.ts';
import { sessionCookies } from './session-cookies.ts';
import { noteUses } from './session-use.ts';
import { tokenEndpoint } from './token-endpoint.ts';

/** Makes the provider. It answers what is under /oauth, and both metadata addresses. */
export function createProvider(given: ProviderSettings, keyring: Keyring): Provider {
  const settings = inAskedLanguage(given);
  const { database, issuer, renderError } = settings;
  const allowed = isIntrospectionAllowed(database, issuer, settings.onAnswered);
  const provider = new Provider(issuer, createConfiguration(settings, keyring, allowed));
  provider.proxy = true; // the headers it then believes are set by pinned-host.ts
  prefixTokens(provider);
  hashAccessTokens(provider);
  compareSecretsByHash(provider, database);
  atomicReplayDetection(provider, database);
  noteSaves(provider);
  noteDenials(provider);
  noteFlows(provider, settings.note);
  omitEmptyFromBodies(provider);
  for (const middleware of settings.first) provider.use(middleware);
  releaseContexts(provider);
  const sessionCookie = provider.cookieName('session');
  provider.use(retryAfter);
  provider.use(refuseOtherMethods);
  provider.use(authorizationMethods(renderError));
  provider.use(omitEmptyFromQuery);
  provider.use(tokenEndpoint(database, settings.refreshRetrySeconds, settings.note));
  provider.use(answerIntrospection);
  provider.use(noteUses(database, settings.originOf));
  provider.use(resumeOnce(database, { issuer, sessionCookie, renderError }));
  provider.use(endFormChains(issuer, settings.renderReturn));
  provider.use(limitRequests(requestDb(database), settings));
  provider.use(keepStrangersErrors(requestDb(database), renderError));
  provider.use(keepRedirectUri);
  provider.use(onlyQueryResponses);
  provider.use(sessionCookies(provider));
  return provider;
}

/** What the library shows is in the language that the authorization request asks for. */
function inAskedLanguage({ renderError, renderReturn, ...settings }: ProviderSettings) {
  const keep = (ctx: KoaContextWithOIDC) =>
    keepUiLocales(ctx, ctx.oidc?.params?.['ui_locales'] ?? undefined);
  return {
    ...settings,
    renderError: (ctx, ...rest) => {
      keep(ctx);
      return renderError(ctx, ...rest);
    },
    renderReturn: (ctx, address) => {
      keep(ctx);
      return renderReturn(ctx, address);
    },
  } satisfies ProviderSettings;
}

/** Tokens say what they are. */
function prefixTokens(provider: Provider): void {
  generateTokenIds(provider, {
    AccessToken: () => randomSecret(secretPrefixes.accessToken),
    RefreshToken: () => randomSecret(secretPrefixes.refreshToken),
    AuthorizationCode: () => randomSecret(secretPrefixes.authorizationCode),
    ClientCredentials: () => randomSecret(secretPrefixes.serviceToken),
  });
}

async function retryAfter(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
  if (ctx.response.get('Access-Control-Allow-Origin') === '') return;
  ctx.append('Access-Control-Expose-Headers', 'Retry-After'); // a script must know when to come back
}
