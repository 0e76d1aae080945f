/**
 * The secrets of a client, for operators. To rotate: add one, give it to the application, wait until
 * the old one is no longer used, delete the old one. Both work in between.
 *
 * @module
 */

import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import {
  addClientSecret,
  clientSecretsOf,
  deleteClientSecret,
  deleteClientSecrets,
  deleteExpiredSecrets,
  endClientSecrets,
  type ListedSecret,
} from '../storage/clients/client-secrets.ts';
import { findClient, holdClient } from '../storage/clients/clients.ts';
import type { Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';
import { needsSecret } from './registration-credentials.ts';

const maxSecrets = 5;

type UnknownClient = { readonly outcome: 'unknown_client' };

export type AddSecretOutcome =
  /** `secret` is shown here and never again; `id` is how it is listed. */
  | { readonly outcome: 'added'; readonly id: string; readonly secret: string }
  | { readonly outcome: 'too_many' | 'uses_no_secret' }
  | UnknownClient
  | NotAllowed;

/** Adds a secret to a client that authenticates with one; a client has five at most. */
export function addSecret(
  database: Database,
  actor: Actor,
  clientId: string,
): Promise<AddSecretOutcome> {
  const act = { action: 'client_secret.added', subject: clientId };
  return asOperator<AddSecretOutcome>(database, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    if (client === undefined) return { outcome: 'unknown_client' };
    if (!needsSecret(client.authMethod)) return { outcome: 'uses_no_secret' };
    if ((await clientSecretsOf(tx, clientId)).length >= maxSecrets) return { outcome: 'too_many' };
    const secret = randomSecret(secretPrefixes.clientSecret);
    const id = await addClientSecret(tx, clientId, secret);
    await record({ organizationId: client.ownerOrganizationId, after: { secret_id: id } });
    return { outcome: 'added', id, secret };
  });
}

export type RotateSecretOutcome =
  | {
      readonly outcome: 'changed';
      readonly id: string;
      /** Told here and never again. */
      readonly secret: string;
      /** How many secrets from before work on until then. */
      readonly old: number;
    }
  | { readonly outcome: 'too_many' | 'unknown_resource_server' }
  | NotAllowed;

/** Gives a resource server a new secret; those that it has end at once, or after `oldSeconds`. */
export function rotateSecret(
  database: Database,
  actor: Actor,
  { clientId, oldSeconds }: { readonly clientId: string; readonly oldSeconds: number },
): Promise<RotateSecretOutcome> {
  const act = { action: 'client_secret.rotated', subject: clientId };
  return asOperator<RotateSecretOutcome>(database, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    if (client?.resourceServer === undefined) return { outcome: 'unknown_resource_server' };
    await deleteExpiredSecrets(tx, clientId);
    const before = (await clientSecretsOf(tx, clientId)).length;
    if (oldSeconds > 0 && before >= maxSecrets) return { outcome: 'too_many' };
    if (oldSeconds > 0) await endClientSecrets(tx, clientId, oldSeconds);
    else await deleteClientSecrets(tx, clientId);
    const old = oldSeconds > 0 ? before : 0;
    const secret = randomSecret(secretPrefixes.clientSecret);
    const id = await addClientSecret(tx, clientId, secret);
    const after = { secret_id: id, old_seconds: oldSeconds, old };
    await record({ organizationId: client.ownerOrganizationId, after });
    return { outcome: 'changed', id, secret, old };
  });
}

export type ListSecretsOutcome =
  | { readonly outcome: 'listed'; readonly secrets: readonly ListedSecret[] }
  | UnknownClient
  | NotAllowed;

/** Lists when each secret was made and last used; the secrets themselves are stored nowhere. */
export function listSecrets(
  database: Database,
  actor: Actor,
  clientId: string,
): Promise<ListSecretsOutcome> {
  const act = { action: 'client_secret.listed', subject: clientId };
  return asOperator<ListSecretsOutcome>(database, actor, act, async (tx) => {
    if ((await findClient(tx, clientId)) === undefined) return { outcome: 'unknown_client' };
    return { outcome: 'listed', secrets: await clientSecretsOf(tx, clientId) };
  });
}

export type DeleteSecretOutcome =
  | { readonly outcome: 'deleted' | 'unknown_secret' }
  | UnknownClient
  | NotAllowed;

/** Deletes one secret, the last one too: then the client gets in no more until one is added. */
export function deleteSecret(
  database: Database,
  actor: Actor,
  { clientId, secretId }: { readonly clientId: string; readonly secretId: string },
): Promise<DeleteSecretOutcome> {
  const act = { action: 'client_secret.deleted', subject: clientId };
  return asOperator<DeleteSecretOutcome>(database, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    if (client === undefined) return { outcome: 'unknown_client' };
    if (!(await deleteClientSecret(tx, clientId, secretId))) return { outcome: 'unknown_secret' };
    await record({ organizationId: client.ownerOrganizationId, before: { secret_id: secretId } });
    return { outcome: 'deleted' };
  });
}
