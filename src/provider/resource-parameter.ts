/**
 * The `resource` parameter in one spelling, since the library compares it byte by byte: a slash at the
 * end, or a host in capitals, makes no difference (clients/resource-indicators.ts).
 *
 * It is done where the library looks for the client: the parameters are read by then, and nothing has
 * looked at this one. What becomes of an unknown resource is decided later.
 *
 * A token request may narrow what was authorized without a resource: then the access token is for that
 * resource server alone, and the refresh token stays as wide as it was granted.
 *
 * Source: RFC 8707 section 2.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { emptySet } from '../catalogue/scope-set.ts';
import { isOwnResource, ownResource } from '../clients/own-resource.ts';
import { isSameResource } from '../clients/resource-indicators.ts';
import { confinedTo, findConfines } from '../consent/confines.ts';
import {
  findResourceServer,
  type RegisteredResource,
} from '../storage/clients/resource-servers.ts';
import type { Db } from '../storage/engine/database.ts';
import type { TokenRequest } from './token-request.ts';

const requests = new Set(['authorization', 'pushed_authorization_request']);

/** As long as an address of a resource server can be. */
const longestIndicator = 2_048;

/**
 * @returns the resource that an indicator names: the management API, or a registered resource server;
 *   undefined where there is none.
 */
export async function findResource(
  db: Db,
  issuer: string,
  indicator: string,
): Promise<RegisteredResource | undefined> {
  if (isOwnResource(issuer, indicator)) {
    const audience = ownResource(issuer);
    return {
      audience,
      name: undefined,
      addressed: undefined,
      accepted: undefined,
      usual: emptySet,
    };
  }
  return indicator.length > longestIndicator ? undefined : findResourceServer(db, indicator);
}

/**
 * In an authorization request, pushed or not: as the resource server is registered.
 *
 * @returns the one that is named; undefined where none is.
 */
export async function nameAsRegistered(
  db: Db,
  issuer: string,
): Promise<RegisteredResource | undefined> {
  const { oidc } = Provider.ctx ?? {};
  if (!requests.has(oidc?.route ?? '')) return undefined;
  const parameters = [oidc?.params, oidc?.body].filter(namesResource); // a pushed one is in the body
  const [named] = parameters;
  const found = named && (await findResource(db, issuer, named.resource));
  if (found !== undefined) for (const one of parameters) one.resource = found.audience;
  return found;
}

function namesResource(parameters: unknown): parameters is { resource: string } {
  const { resource } = (parameters ?? {}) as { resource?: unknown };
  return typeof resource === 'string';
}

/** In a token request: as it was granted; or, where nothing was, as it is registered. */
export async function nameAsGranted(
  db: Db,
  issuer: string,
  { oidc: { params } }: KoaContextWithOIDC,
  request: TokenRequest,
): Promise<void> {
  const { redeemed } = request.redemption ?? {};
  const resource = params?.['resource'];
  if (params === undefined || redeemed === undefined || typeof resource !== 'string') return;
  const granted = redeemed.token.payload['resource'];
  if (typeof granted === 'string') {
    if (isSameResource(resource, granted)) params['resource'] = granted;
    return;
  }
  const found = await findResource(db, issuer, resource);
  if (found === undefined) return;
  const { audience, addressed } = found;
  const confines = addressed && (await findConfines(db, redeemed.grant.accountId, addressed));
  if (confines !== undefined && confines.resource === undefined) {
    request.isOutOfReach = true;
    return;
  }
  params['resource'] = audience;
  request.narrowedTo = { audience, confinedTo: confines && confinedTo(confines) };
}

/** No resource server is registered under what a request names. */
export function unknownResource(indicator: string): errors.InvalidTarget {
  return new errors.InvalidTarget(unknown(indicator));
}

/** Puts what to send instead into the refusal of a token request; the library does not say it. */
export function explainTarget({ status, body, oidc }: KoaContextWithOIDC, request: TokenRequest) {
  const refusal = body as { error?: string; error_description?: string } | undefined;
  const resource = oidc.params?.['resource'];
  if (status !== 400 || refusal?.error !== 'invalid_target') return;
  if (typeof resource !== 'string') refusal.error_description = onlyOne;
  else {
    const granted = request.redemption?.redeemed?.token.payload['resource'];
    refusal.error_description =
      typeof granted === 'string'
        ? `the user allowed a token for ${shown(granted)}: send that as resource, or none`
        : request.isOutOfReach
          ? `there is nothing at ${shown(resource)} that the user can see: send another resource, or none`
          : unknown(resource);
  }
}

/** What is said to a request with two of them. */
export const onlyOne = 'only one resource can be asked for';

function unknown(indicator: string): string {
  return (
    `no resource server is registered for ${shown(indicator)}: register it with exactly this ` +
    'address, or send the resource of a registered one, or none'
  );
}

const longestEcho = 100;

/** It goes into an address and a header (RFC 6749 section 4.1.2.1 says which characters may). */
function shown(indicator: string): string {
  const named = indicator.replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?');
  return named.length > longestEcho ? `${named.slice(0, longestEcho)}...` : named;
}
