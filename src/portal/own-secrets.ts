/**
 * The secrets of an application, for its owner and its managers: several at once, so that a new one is in use everywhere
 * before the old one ends. Every request asks the database, so what is ended fails at once everywhere.
 *
 * @module
 */

import { needsSecret } from '../applications/registration-credentials.ts';
import { readSecretName } from '../clients/secret-names.ts';
import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import {
  addClientSecret,
  clientSecretsOf,
  deleteClientSecret,
  deleteExpiredSecrets,
  type ListedSecret,
} from '../storage/clients/client-secrets.ts';
import { findOwnClient, holdOwnClient } from '../storage/clients/own-clients.ts';
import type { Reader, Work } from '../storage/engine/database.ts';
import { changeOwned, idOf, type OwnApplicationIds, readOwned } from './owner.ts';

export const maxSecrets = 5;
/** After how many days a secret may end; undefined: not by itself. */
export const secretDays = [30, 90, 365] as const;

/** A secret to be made. */
export interface SecretWish {
  /** The new secret's, made by the page of the form: the same form twice makes one secret. */
  readonly secretId: string;
  readonly name: string;
  readonly days: number | undefined;
}

export type AddOutcome =
  /** `secret` is shown here and never again. */
  | { readonly outcome: 'added'; readonly id: string; readonly secret: string }
  | {
      readonly outcome: 'unknown' | 'again' | 'too_many' | 'no_secrets' | 'bad_name';
    };

/** Adds a secret beside the others. */
export async function addOwnSecret(
  work: Work,
  ids: OwnApplicationIds,
  { secretId: id, name: typed, days }: SecretWish,
): Promise<AddOutcome> {
  const name = readSecretName(typed);
  if (name === undefined) return { outcome: 'bad_name' };
  const { owner, clientId } = ids;
  return changeOwned<AddOutcome>(work, ids, 'client_secret.added', async (tx) => {
    const client = await holdOwnClient(tx, idOf(owner), clientId);
    if (client === undefined) return { result: { outcome: 'unknown' } };
    if (!needsSecret(client.authMethod)) return { result: { outcome: 'no_secrets' } };
    await deleteExpiredSecrets(tx, clientId);
    const known = await clientSecretsOf(tx, clientId);
    if (known.some((one) => one.id === id)) return { result: { outcome: 'again' } };
    if (known.length >= maxSecrets) return { result: { outcome: 'too_many' } };
    const secret = randomSecret(secretPrefixes.clientSecret);
    await addClientSecret(tx, clientId, secret, { id, name, days });
    return { result: { outcome: 'added', id, secret }, after: { secret_id: id, name, days } };
  });
}

const isId = (text: string) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

type EndOutcome = { readonly outcome: 'ended' | 'unknown' };

/** Ends one secret, the last one too: then the application gets in no more until one is added. */
export function endOwnSecret(
  work: Work,
  ids: OwnApplicationIds,
  secretId: string,
): Promise<EndOutcome> {
  const { owner, clientId } = ids;
  const at = isId(secretId) ? { ...ids, secretId } : ids;
  return changeOwned<EndOutcome>(work, at, 'client_secret.deleted', async (tx) => {
    const client = await holdOwnClient(tx, idOf(owner), clientId);
    const isEnded = client !== undefined && (await deleteClientSecret(tx, clientId, secretId));
    if (!isEnded) return { result: { outcome: 'unknown' } };
    return { result: { outcome: 'ended' }, before: { secret_id: secretId } };
  });
}

/** The secrets, oldest first; undefined of an application that is not the owner's. */
export function listOwnSecrets(
  db: Reader,
  ids: OwnApplicationIds,
): Promise<readonly ListedSecret[] | undefined> {
  return readOwned(db, ids, async (tx) => {
    const client = await findOwnClient(tx, idOf(ids.owner), ids.clientId);
    return client && clientSecretsOf(tx, client.id);
  });
}
