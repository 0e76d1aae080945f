/**
 * The `resource` parameter in one spelling, since the library compares it byte by byte: a slash at the
 * end makes no difference (clients/resource-indicators.ts).
 *
 * It is done where the library looks for the client: the parameters are read by then, and nothing has
 * looked at this one. What becomes of an unknown resource is decided later.
 *
 * Source: RFC 8707 section 2.
 *
 * @module
 */

import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { isOwnResource, ownResource } from '../clients/own-resource.ts';
import { isSameResource } from '../clients/resource-indicators.ts';
import { findAudience } from '../storage/clients/clients.ts';
import type { Db } from '../storage/engine/database.ts';

const requests = new Set(['authorization', 'pushed_authorization_request']);

/**
 * @returns the resource that an indicator names, in its one spelling: the management API, or what a
 *   resource server is registered under; undefined where there is none.
 */
export async function findResource(
  db: Db,
  issuer: string,
  indicator: string,
): Promise<string | undefined> {
  return isOwnResource(issuer, indicator) ? ownResource(issuer) : findAudience(db, indicator);
}

/** In an authorization request, pushed or not: as the resource server is registered. */
export async function nameAsRegistered(db: Db, issuer: string): Promise<void> {
  const { oidc } = Provider.ctx ?? {};
  const resource = oidc?.params?.['resource'];
  if (typeof resource !== 'string' || !requests.has(oidc?.route ?? '')) return;
  const registered = await findResource(db, issuer, resource);
  if (registered !== undefined && oidc?.params) oidc.params['resource'] = registered;
}

/** In a token request: as it was granted. @param granted what the code or refresh token holds. */
export function nameAsGranted({ oidc }: KoaContextWithOIDC, granted: unknown): void {
  const { params } = oidc;
  const resource = params?.['resource'];
  if (params === undefined || typeof resource !== 'string' || typeof granted !== 'string') return;
  if (isSameResource(resource, granted)) params['resource'] = granted;
}
