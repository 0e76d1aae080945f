/**
 * What is wrong with redirect URIs alone, while the rest of the form is still being filled in.
 *
 * @module
 */

import { newHostFaults } from './managers-faults.ts';
import type { Owned } from './own-applications.ts';
import { type Fault, redirectFaults, type TypedApplication } from './typed-application.ts';

/**
 * Finds what sending the form would refuse in its redirect URIs.
 *
 * @param client the application that is changed; undefined of a new one.
 */
export function findRedirectFaults(
  typed: Pick<TypedApplication, 'kind' | 'redirectUris'>,
  production: boolean,
  client: Owned | undefined,
): readonly Fault[] {
  const faults = redirectFaults(typed, production);
  if (faults.length > 0 || client === undefined || client.isWhole) return faults;
  return newHostFaults(client, typed.redirectUris);
}
