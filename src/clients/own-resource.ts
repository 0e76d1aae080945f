/**
 * The management API as a resource: tokens can be asked for it alone, and the resource metadata is
 * about it.
 *
 * Source: RFC 8707 section 2 (resource indicators), RFC 9728 section 1.2 (resource identifier).
 *
 * @module
 */

import { isSameResource } from './resource-indicators.ts';

/** Where the management API is. */
export const managementPath = '/api/v1';

/** @returns the resource indicator of the management API. @param issuer without a slash at the end. */
export function ownResource(issuer: string): string {
  return issuer + managementPath;
}

/** Whether a resource indicator names the management API, with a slash at its end or without. */
export function isOwnResource(issuer: string, indicator: string): boolean {
  return isSameResource(indicator, ownResource(issuer));
}
