/**
 * What the adapters of all models share: a payload's properties, and its expiry.
 *
 * @module
 */

import type { Adapter } from 'oidc-provider';

/** What a model's adapter may implement; the library calls nothing else for that model. */
export type PartialAdapter = Partial<Adapter>;

/** The payload's expiry in the library's terms: seconds since the epoch by the local clock. */
export function localExpiry(remainingSeconds: number): number {
  return Math.floor(Date.now() / 1000) + remainingSeconds;
}

/** The payload without the properties that have columns of their own, or that no table may hold. */
export function strip(payload: object, ...properties: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !properties.includes(name)));
}
