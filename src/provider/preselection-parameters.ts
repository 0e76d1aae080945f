/**
 * The parameters by which an application says what it would like its user to choose, at the
 * authorization endpoint and pushed.
 *
 * The library's own way with `authorization_details` is for grants that consist of them, each for one
 * resource server. Here they tick boxes on the consent page, so it gets them under another name, and
 * only keeps them with the request.
 *
 * Source: RFC 9396 section 5.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { PreselectionError, readPreselection } from '../consent/preselection.ts';

/** The name under which `authorization_details` are kept. */
export const keptDetails = 'usher_authorization_details';

/** Their names. */
export const preselecting = [
  keptDetails,
  'organization',
  'database',
  'branch',
  'single_resource',
] as const;

/** @returns the parameters with `authorization_details` under the name by which they are kept. */
export function renamed<Value>(parameters: Record<string, Value>): Record<string, Value> {
  if (!Object.hasOwn(parameters, 'authorization_details')) return parameters;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name === 'authorization_details' ? keptDetails : name,
      value,
    ]),
  );
}

/** @returns parameters that were kept, by the names that applications know. */
export function asSent(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { [keptDetails]: authorization_details, ...others } = parameters;
  return { ...others, authorization_details };
}

/** @throws {errors.InvalidAuthorizationDetails} they are malformed, of another type, or beyond `scope`. */
export function checkPreselection(ctx: KoaContextWithOIDC): void {
  try {
    readPreselection(asSent(ctx.oidc.params ?? {}));
  } catch (error) {
    if (!(error instanceof PreselectionError)) throw error;
    throw new errors.InvalidAuthorizationDetails(error.message);
  }
}
