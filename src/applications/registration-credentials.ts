/**
 * What a registration gives out once: a secret, where the client's way to authenticate needs one,
 * and the registration access token with which the client manages itself.
 *
 * Source: RFC 7591 section 3.2.1, RFC 7592 section 3.
 *
 * @module
 */

import type { AuthMethod, Client } from '../clients/client.ts';
import { equal, randomSecret, secretPrefixes, sha256 } from '../lib/secrets.ts';
import { addClientSecret } from '../storage/clients/client-secrets.ts';
import { findClient, holdClient } from '../storage/clients/clients.ts';
import {
  findRegisteredClientId,
  holdRegisteredClientId,
  replaceRegistrationAccessToken,
} from '../storage/clients/registrations.ts';
import { isSharedRegistration } from '../storage/clients/shared-registrations.ts';
import type { Db } from '../storage/engine/database.ts';

/** What a request to the client configuration endpoint comes with. */
export interface RegistrationCredentials {
  readonly clientId: string;
  readonly token: string;
}

/** A client that was made or changed, with what is shown of it this once. */
export interface IssuedRegistration {
  readonly client: Client;
  /** Undefined when no secret was made. */
  readonly secret: string | undefined;
  readonly token: string;
}

/**
 * Why a client cannot manage itself: `unknown` for a wrong or foreign token and a client that is
 * not there alike (the client is looked for by the token alone, so it makes no difference);
 * `suspended` by an operator; `shared` with others who registered the same (registered-before.ts), and so
 * not to be changed.
 */
export type Barred = { readonly outcome: 'unknown' | 'suspended' | 'shared' };

/** Whether clients of this kind authenticate with a secret. */
export function needsSecret(method: AuthMethod): boolean {
  return method.startsWith('client_secret');
}

/** Makes a secret beside those that the client has. */
export async function issueSecret(tx: Db, clientId: string): Promise<string> {
  const secret = randomSecret(secretPrefixes.clientSecret);
  await addClientSecret(tx, clientId, secret);
  return secret;
}

/** Makes a registration access token; the one before, if any, ends. */
export async function issueRegistrationAccessToken(tx: Db, clientId: string): Promise<string> {
  const token = randomSecret(secretPrefixes.registrationAccessToken);
  await replaceRegistrationAccessToken(tx, clientId, sha256(token));
  return token;
}

/** The client that a token manages, or why it does not. */
export type Managed = { readonly outcome: 'managed'; readonly client: Client } | Barred;

/** Finds the client that the token manages, if it is the one that is named. */
export async function findManagedClient(
  db: Db,
  { clientId, token }: RegistrationCredentials,
): Promise<Managed> {
  const owner = await findRegisteredClientId(db, sha256(token));
  return owner !== undefined && equal(owner, clientId)
    ? managed(await findClient(db, owner))
    : { outcome: 'unknown' };
}

/** As `findManagedClient`, and holds token and client: their changes come one by one. */
export async function holdManagedClient(
  tx: Db,
  { clientId, token }: RegistrationCredentials,
): Promise<Managed> {
  const owner = await holdRegisteredClientId(tx, sha256(token));
  if (owner === undefined || !equal(owner, clientId)) return { outcome: 'unknown' };
  const found = managed(await holdClient(tx, owner));
  const isShared = found.outcome === 'managed' && (await isSharedRegistration(tx, owner));
  return isShared ? { outcome: 'shared' } : found;
}

function managed(client: Client | undefined): Managed {
  if (client === undefined) return { outcome: 'unknown' };
  return client.status === 'suspended' ? { outcome: 'suspended' } : { outcome: 'managed', client };
}
