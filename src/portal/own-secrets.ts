/**
 * The secrets of an application, for its owner: several at once, so that a new one is in use everywhere
 * before the old one ends. Every request asks the database, so what is ended fails at once everywhere.
 *
 * @module
 */

import { needsSecret } from '../applications/registration-credentials.ts';
import { randomSecret, secretPrefixes } from '../lib/secrets.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import {
  addClientSecret,
  clientSecretsOf,
  deleteClientSecret,
  deleteExpiredSecrets,
} from '../storage/clients/client-secrets.ts';
import { holdOwnClient } from '../storage/clients/own-clients.ts';
import type { Database } from '../storage/engine/database.ts';
import type { Owner } from './own-applications.ts';

export const maxSecrets = 5;
const maxName = 64;
/** After how many days a secret may end; undefined: not by itself. */
export const secretDays = [30, 90, 365] as const;

/** A secret to be made. */
export interface SecretWish {
  readonly clientId: string;
  /** The new secret's, made by the page of the form: the same form twice makes one secret. */
  readonly secretId: string;
  readonly name: string;
  readonly days: number | undefined;
}

export type AddOutcome =
  /** `secret` is told here and never again. */
  | { readonly outcome: 'added'; readonly secret: string }
  | {
      readonly outcome: 'unknown' | 'again' | 'too_many' | 'no_secrets' | 'bad_name';
    };

/** Adds a secret beside the others. */
export async function addOwnSecret(
  database: Database,
  { accountId, origin }: Owner,
  { clientId, secretId: id, name: typed, days }: SecretWish,
): Promise<AddOutcome> {
  const name = typed.trim();
  if (name.length > maxName || /\p{C}/u.test(name)) return { outcome: 'bad_name' };
  return database.transaction(async (tx) => {
    const client = await holdOwnClient(tx, accountId, clientId);
    if (client === undefined) return { outcome: 'unknown' };
    if (!needsSecret(client.authMethod)) return { outcome: 'no_secrets' };
    await deleteExpiredSecrets(tx, clientId);
    const known = await clientSecretsOf(tx, clientId);
    if (known.some((one) => one.id === id)) return { outcome: 'again' };
    if (known.length >= maxSecrets) return { outcome: 'too_many' };
    const secret = randomSecret(secretPrefixes.clientSecret);
    await addClientSecret(tx, clientId, secret, { id, name, days });
    await recordAuditEvent(tx, {
      action: 'client_secret.added',
      actorAccountId: accountId,
      subject: clientId,
      after: { secret_id: id, name, days },
      origin,
    });
    return { outcome: 'added', secret };
  });
}

/** Ends one secret, the last one too: then the application gets in no more until one is added. */
export async function endOwnSecret(
  database: Database,
  { accountId, origin }: Owner,
  { clientId, secretId }: { readonly clientId: string; readonly secretId: string },
): Promise<{ readonly outcome: 'ended' | 'unknown' }> {
  return database.transaction(async (tx) => {
    const client = await holdOwnClient(tx, accountId, clientId);
    const isEnded = client !== undefined && (await deleteClientSecret(tx, clientId, secretId));
    if (!isEnded) return { outcome: 'unknown' };
    await recordAuditEvent(tx, {
      action: 'client_secret.deleted',
      actorAccountId: accountId,
      subject: clientId,
      before: { secret_id: secretId },
      origin,
    });
    return { outcome: 'ended' };
  });
}
