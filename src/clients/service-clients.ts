/**
 * Service clients: the platform's own, which keep the tree in step. They act for nobody.
 *
 * @module
 */

import type { Client } from './client.ts';

/** What a service client is registered for; no scope of the catalogue, so nobody can ask for it. */
export const serviceScope = 'platform:sync';

/** Whether a client is one of the platform's service clients. */
export function isServiceClient(client: Client): boolean {
  const { dynamic, authMethod, scope, ownerOrganizationId } = client;
  const isPlatforms = !dynamic && ownerOrganizationId === undefined;
  return isPlatforms && authMethod === 'private_key_jwt' && scope === serviceScope;
}
