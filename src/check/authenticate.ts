/**
 * Who asks for decisions: a resource server, by its secret.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { readBasicCredentials } from '../http/basic-credentials.ts';
import { isClientSecret } from '../storage/clients/client-secrets.ts';
import { findClient } from '../storage/clients/clients.ts';
import type { Db } from '../storage/engine/database.ts';

/** @returns the resource server; undefined when it is none, suspended, or the secret is wrong. */
export async function authenticate(db: Db, authorization: string): Promise<Client | undefined> {
  const credentials = readBasicCredentials(authorization);
  if (credentials === undefined) return undefined;
  const { clientId, clientSecret } = credentials;
  const client = await findClient(db, clientId);
  if (client?.status !== 'active' || client.resourceServer === undefined) return undefined;
  if (!client.authMethod.startsWith('client_secret')) return undefined;
  return (await isClientSecret(db, clientId, clientSecret)) ? client : undefined;
}
