/**
 * An OpenID provider as its client sees it: where to send a browser, what it came back with, and what the
 * provider says by itself (back-channel logout).
 *
 * The library checks issuer, audience, nonce, times and the signature (asymmetric algorithms only). The
 * provider's metadata is kept for 5 minutes; its keys are fetched for each sign-in, so that a new key
 * counts at once.
 *
 * Source: OpenID Connect Core sections 3.1.2 and 3.1.3.7, RFC 7636, RFC 9207, OpenID Connect RP-Initiated
 * Logout section 2, Back-Channel Logout section 2.6.
 *
 * @module
 */

import { jwtVerify } from 'jose';
import { askedElsewhere } from '../accounts/authentication.ts';
import type { StoredProvider } from '../storage/people/identity-providers.ts';
import { callbackOf, signedOutOf } from './addresses.ts';
import {
  profileOf,
  toLogout,
  toPerson,
  type UpstreamLogout,
  type UpstreamPerson,
} from './claims.ts';
import {
  type Configurations,
  createConfigurations,
  type OpenidProviderParts,
} from './configurations.ts';
import { UpstreamError } from './upstream-error.ts';

/** What has to be remembered between sending a browser there and its return. */
export interface UpstreamChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What a browser is sent there with. */
export interface UpstreamRequest extends UpstreamChecks {
  /** Whether they are to prove it anew, even if they are signed in there. */
  readonly isFresh: boolean;
  readonly loginHint: string | undefined;
  /** The classes of sign-in that the application wishes for, as it sent them. */
  readonly acrValues?: string | undefined;
}

/** Talks to providers. */
export interface OpenidProviders {
  /** @throws {UpstreamError} it cannot be asked where. @returns where to send the browser. */
  authorizationUrl(provider: StoredProvider, request: UpstreamRequest): Promise<string>;
  /**
   * @param answer our own address with what the provider added to it.
   * @throws {UpstreamError} nobody is signed in by this.
   */
  redeem(provider: StoredProvider, answer: URL, checks: UpstreamChecks): Promise<UpstreamPerson>;
  /** @returns where to send the browser to sign out there; undefined when that is not possible. */
  endSessionUrl(
    provider: StoredProvider,
    request: { readonly idToken: string; readonly state: string },
  ): Promise<string | undefined>;
  /** @throws {UpstreamError} it is no logout token of this provider for us. */
  readLogoutToken(provider: StoredProvider, token: string): Promise<UpstreamLogout>;
}

const longestIdToken = 16 * 1024;
const algorithms = [
  ...['RS', 'PS', 'ES'].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}${bits}`)),
  'EdDSA',
  'Ed25519',
];

/** Talks to the providers of this installation. */
export function createOpenidProviders(parts: OpenidProviderParts): OpenidProviders {
  const configurations = createConfigurations(parts);
  const { issuer } = parts;
  const at = (provider: StoredProvider): At => ({ issuer, configurations, provider });
  return {
    authorizationUrl: (provider, request) => guard(() => authorizationUrl(at(provider), request)),
    redeem: (provider, answer, checks) => guard(() => redeem(at(provider), answer, checks)),
    endSessionUrl: (provider, request) => guard(() => endSessionUrl(at(provider), request)),
    readLogoutToken: (provider, token) => guard(() => readLogoutToken(at(provider), token)),
  };
}

/** A provider, and who asks it. */
interface At {
  readonly issuer: string;
  readonly configurations: Configurations;
  readonly provider: StoredProvider;
}

async function authorizationUrl(
  { issuer, configurations, provider }: At,
  { state, nonce, verifier, isFresh, loginHint, acrValues }: UpstreamRequest,
): Promise<string> {
  const library = await import('openid-client');
  const configuration = await configurations.of(provider);
  const listed = configuration.serverMetadata().acr_values_supported ?? [];
  const asked = askedElsewhere(acrValues, listed);
  const url = library.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackOf(issuer, provider.id),
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(isFresh ? { prompt: 'login' } : {}),
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
    ...(asked === undefined ? {} : { acr_values: asked }),
  });
  return url.href;
}

async function redeem(
  { configurations, provider }: At,
  answer: URL,
  { state, nonce, verifier }: UpstreamChecks,
): Promise<UpstreamPerson> {
  const library = await import('openid-client');
  const configuration = await configurations.of(provider);
  const tokens = await library.authorizationCodeGrant(configuration, answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const { id_token: idToken = '' } = tokens;
  const isOurs = claims?.azp === undefined || claims.azp === provider.clientId;
  if (claims === undefined || !isOurs || idToken.length > longestIdToken)
    throw new UpstreamError('untrusted');
  const person = toPerson(claims, idToken);
  const canAsk = configuration.serverMetadata().userinfo_endpoint !== undefined;
  if (person.email !== undefined || !canAsk) return person;
  const more = await library.fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return { ...person, ...profileOf(more) };
}

async function endSessionUrl(
  { issuer, configurations, provider }: At,
  { idToken, state }: { readonly idToken: string; readonly state: string },
): Promise<string | undefined> {
  const library = await import('openid-client');
  const configuration = await configurations.of(provider);
  if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
  return library.buildEndSessionUrl(configuration, {
    id_token_hint: idToken,
    post_logout_redirect_uri: signedOutOf(issuer, provider.id),
    state,
  }).href;
}

async function readLogoutToken(
  { configurations, provider }: At,
  token: string,
): Promise<UpstreamLogout> {
  const { issuer, jwks_uri } = (await configurations.of(provider)).serverMetadata();
  if (jwks_uri === undefined) throw new UpstreamError('untrusted');
  const { payload } = await jwtVerify(token, configurations.keysAt(provider, jwks_uri), {
    issuer,
    audience: provider.clientId,
    typ: 'logout+jwt',
    algorithms,
    clockTolerance: 30,
    maxTokenAge: '10 minutes',
    requiredClaims: ['iat', 'jti', 'events'],
  });
  return toLogout(payload);
}

/** Whatever the library or the network throws is one of three things. */
async function guard<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new UpstreamError(faultOf(cause), { cause });
  }
}

function faultOf(error: unknown): UpstreamError['fault'] {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at.name === 'AuthorizationResponseError') return 'declined';
    if (at.name === 'FetchRefusedError' || at.name === 'TimeoutError') return 'unavailable';
    if (at.cause instanceof Response && at.cause.status >= 500) return 'unavailable';
  }
  return 'untrusted';
}
