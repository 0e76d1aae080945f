/**
 * Which redirect URIs an application may register: where Usher will send authorization codes.
 *
 *     web, in production      https
 *     web, elsewhere          https; http or https on loopback
 *     native                  https; http on loopback; a scheme of its own (com.example.app:/..., cursor://...)
 *
 * An application that does not say what it is, is native as soon as one of its redirect URIs is on
 * loopback or under a scheme of its own; the others of a native one may be https.
 *
 * Source: RFC 6749 section 3.1.2, RFC 8252 sections 7, 8.3 and 8.4, RFC 9700 sections 2.6 and 4.1.
 *
 * @module
 */

import { isLoopback, isNormal, readAddress } from './addresses.ts';
import type { ApplicationType } from './client.ts';
import { isPrivateUseScheme } from './private-use-schemes.ts';

export interface RedirectUriRules {
  readonly applicationType: ApplicationType;
  readonly production: boolean;
}

/** Names that Usher's own answer has or could have (RFC 6749 4.1.2, RFC 9207, OpenID Connect). */
const answerParameters = new Set([
  'access_token',
  'code',
  'error',
  'error_description',
  'error_uri',
  'expires_in',
  'id_token',
  'iss',
  'response',
  'scope',
  'session_state',
  'state',
  'token_type',
]);

/**
 * Checks one redirect URI. Whether a request's URI equals a registered one is another question.
 *
 * @returns why it is refused, in ASCII and without the URI in it; undefined when it is accepted.
 */
export function checkRedirectUri(uri: string, rules: RedirectUriRules): string | undefined {
  const address = readAddress(uri);
  if (typeof address === 'string') return address;
  if (hasAnswerParameter(address)) return 'must not have a query parameter of the answer itself';
  if (address.protocol === 'https:' || address.protocol === 'http:') {
    return isLoopback(address) ? checkLoopback(address, rules) : checkHost(address);
  }
  return checkOwnScheme(address, rules);
}

/**
 * Checks a list of redirect URIs.
 *
 * @returns what is wrong, to be said after the name of the list; undefined when all are accepted.
 */
export function findRedirectUriFault(
  uris: readonly string[],
  rules: RedirectUriRules,
): string | undefined {
  for (const [index, uri] of uris.entries()) {
    const reason = checkRedirectUri(uri, rules);
    if (reason !== undefined) return `[${index}] ${reason}`;
  }
  return new Set(uris).size < uris.length ? ' must not repeat an entry' : undefined;
}

/**
 * Whether a request's URI is one of the registered ones: byte for byte, except that a native
 * application is free in the port on loopback (RFC 8252 section 7.3).
 */
export function isRegisteredUri(
  uri: string,
  registered: readonly string[],
  applicationType: ApplicationType,
): boolean {
  if (registered.includes(uri)) return true;
  if (applicationType !== 'native') return false;
  const wanted = withoutLoopbackPort(uri);
  return wanted !== undefined && registered.some((one) => withoutLoopbackPort(one) === wanted);
}

/** Whether scripts of this origin are those of an application with these redirect URIs. */
export function isRegisteredOrigin(
  origin: string,
  registered: readonly string[],
  applicationType: ApplicationType,
): boolean {
  // A scheme of its own has the origin "null", as has any page in a sandbox.
  const origins = registered
    .flatMap((uri) => URL.parse(uri)?.origin ?? [])
    .filter((one) => one !== 'null');
  return isRegisteredUri(origin, origins, applicationType);
}

/** @returns undefined for what is not `http` on loopback, written as a browser would write it. */
function withoutLoopbackPort(uri: string): string | undefined {
  const address = URL.parse(uri);
  if (address?.protocol !== 'http:' || !isLoopback(address) || !isNormal(address, uri)) {
    return undefined;
  }
  address.port = '';
  return address.href;
}

/** What an application is that registers these redirect URIs and does not say (RFC 8252 section 7). */
export function inferApplicationType(uris: readonly string[]): ApplicationType {
  return uris.some(isOnDevice) ? 'native' : 'web';
}

/** Nobody vouches for https on loopback, so it makes no application native. */
function isOnDevice(uri: string): boolean {
  const address = URL.parse(uri);
  if (address === null || address.protocol === 'https:') return false;
  return address.protocol !== 'http:' || isLoopback(address);
}

function checkHost(address: URL): string | undefined {
  return address.protocol === 'https:' ? undefined : 'must use https';
}

function checkLoopback(
  address: URL,
  { applicationType, production }: RedirectUriRules,
): string | undefined {
  if (applicationType === 'native') {
    // No certificate authority vouches for a loopback address: https there has no real certificate.
    return address.protocol === 'http:' ? undefined : 'must use http on loopback';
  }
  if (!production) return undefined;
  return 'must not be on loopback, unless the application_type is native';
}

function checkOwnScheme(address: URL, { applicationType }: RedirectUriRules): string | undefined {
  if (applicationType === 'web') return 'must use https';
  if (!isPrivateUseScheme(address.protocol)) {
    return 'must use a scheme that is a reversed domain name, such as com.example.app';
  }
  return address.pathname.startsWith('/') || address.host !== ''
    ? undefined
    : 'must have a path after its scheme';
}

/** Frameworks read `Code`, `code` and `code[]` as one parameter. */
function hasAnswerParameter(address: URL): boolean {
  return Array.from(address.searchParams.keys()).some((name) =>
    answerParameters.has(name.replace(/\[.*/s, '').toLowerCase()),
  );
}
