/**
 * Service clients: the platform's own, which keep the tree in step. They act for nobody.
 *
 * @module
 */

import type { Client } from './client.ts';

/** What a service client is registered for; no scope of the catalogue, so nobody can ask for it. */
export const serviceScope = 'platform:sync';

/** What an operator can let a service client do beside it: further words of its registered scope. */
export const servicePowers = {
  /** It names the account for a sign-in that was handed off to the platform. */
  'sign-in': 'platform:sign-in',
  /** It makes members administrators of their organization. */
  administrators: 'platform:administrators',
} as const;

export type ServicePower = keyof typeof servicePowers;

/** Each power by its name, which is the option of the operators' command as well. */
export const servicePowerNames = Object.keys(servicePowers) as ServicePower[];

/** @returns the scope to register a service client with. */
export function scopeWithPowers(powers: readonly ServicePower[]): string {
  return [serviceScope, ...powers.map((power) => servicePowers[power])].join(' ');
}

/** Whether a client is one of the platform's service clients. */
export function isServiceClient(client: Client): boolean {
  const { dynamic, authMethod, scope, ownerOrganizationId } = client;
  const isPlatforms = !dynamic && ownerOrganizationId === undefined;
  const isForService = scope.split(' ').includes(serviceScope);
  return isPlatforms && authMethod === 'private_key_jwt' && isForService;
}
