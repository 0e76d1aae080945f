/**
 * The secrets of an organization's resource server. To rotate: add one, give it to the server, wait until
 * the old one is no longer used, delete the old one.
 *
 * @module
 */

import { readSecretName } from '../clients/secret-names.ts';
import { newId } from '../lib/ids.ts';
import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import {
  addClientSecret,
  clientSecretsOf,
  deleteClientSecret,
  deleteExpiredSecrets,
  type ListedSecret,
  type NewSecret,
} from '../storage/clients/client-secrets.ts';
import type { ResourceServerIds } from '../storage/clients/organization-resource-servers.ts';
import type { Reader, Work } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import { changeInside, readInside } from './inside.ts';
import { conflict, invalid, notFound } from './refusals.ts';
import { inResourceServer } from './resource-servers.ts';

/** How many a resource server may have at once. */
export const mostSecrets = 5;

/** A secret that was made, which is shown this once. */
export interface MadeSecret {
  readonly id: string;
  /** Undefined: the same form came before, and made it. */
  readonly secret: string | undefined;
}

/** @throws {RefusedError} `invalid` name; `conflict` too_many; `forbidden`; `not_found`. */
export async function addOwnSecret(
  work: Work,
  actor: Actor,
  at: ResourceServerIds,
  { id = newId(), name: typed = '', days }: NewSecret = {},
): Promise<MadeSecret> {
  const name = readSecretName(typed);
  if (name === undefined) {
    throw invalid({ field: 'name', message: 'must hold no hidden characters' });
  }
  const entrance = inResourceServer(actor, 'resource_server.secret_added', at);
  return changeInside<unknown, MadeSecret>(work, entrance, at.resourceServerId, async (tx) => {
    await deleteExpiredSecrets(tx, at.resourceServerId);
    const before = await clientSecretsOf(tx, at.resourceServerId);
    if (before.some((one) => one.id === id)) return { result: { id, secret: undefined } };
    if (before.length >= mostSecrets) throw conflict('too_many');
    const secret = randomSecret(secretPrefixes.clientSecret);
    await addClientSecret(tx, at.resourceServerId, secret, { id, name, days });
    return { result: { id, secret }, after: { secret_id: id, name, days } };
  });
}

/** @returns the secrets, oldest first. @throws {RefusedError} `forbidden`; `not_found`. */
export function listOwnSecrets(
  db: Reader,
  actor: Actor,
  at: ResourceServerIds,
): Promise<ListedSecret[]> {
  return readInside(db, inResourceServer(actor, 'resource_servers.read', at), (tx) =>
    clientSecretsOf(tx, at.resourceServerId),
  );
}

/**
 * Deletes one secret, the last one too: then the server gets no answer until it has another.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteOwnSecret(
  work: Work,
  actor: Actor,
  at: ResourceServerIds & { readonly secretId: string },
): Promise<void> {
  const { resourceServerId, secretId } = at;
  const entrance = inResourceServer(actor, 'resource_server.secret_deleted', at);
  return changeInside(work, entrance, resourceServerId, async (tx) => {
    if (!(await deleteClientSecret(tx, resourceServerId, secretId))) throw notFound();
    return { result: undefined, before: { secret_id: secretId } };
  });
}
