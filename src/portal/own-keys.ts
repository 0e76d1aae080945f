/**
 * How an application with a server proves itself: by secrets, or by keys of its own (`private_key_jwt`). Every
 * request asks the database, so what is replaced counts no more at once everywhere.
 *
 * Source: RFC 7523 section 2.2, RFC 7591 section 2 (jwks, jwks_uri).
 *
 * @module
 */

import { printMetadata, type RegisteredMetadata } from '../applications/metadata-mapping.ts';
import { issueSecret, needsSecret } from '../applications/registration-credentials.ts';
import { replaceMetadata } from '../applications/replaced-metadata.ts';
import type { Client } from '../clients/client.ts';
import type { PublicKey } from '../clients/public-keys.ts';
import { findKeySet } from '../storage/clients/client-key-sets.ts';
import { clientSecretsOf, deleteClientSecrets } from '../storage/clients/client-secrets.ts';
import {
  type ClientOwner,
  findOwnClient,
  holdOwnClient,
  noteChange,
  type OwnClient,
} from '../storage/clients/own-clients.ts';
import type { Db, Reader, Work } from '../storage/engine/database.ts';
import { withProof } from './kept-metadata.ts';
import { changeOwned, idOf, type OwnApplicationIds, readOwned } from './owner.ts';
import { type KeyFault, readTypedKeys, type TypedKeys } from './typed-keys.ts';

/** Which version was shown; undefined: whichever it is. */
interface Shown {
  readonly version: number | undefined;
}

type Unchanged =
  /** `outdated`: somebody changed it since it was shown. `keeps_nothing`: it has nowhere to keep a secret. */
  { readonly outcome: 'unknown' | 'outdated' | 'keeps_nothing' };

export type KeysOutcome =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'refused'; readonly fault: KeyFault }
  | Unchanged;

/** Has an application prove itself by these keys from now on, and by no others; its secrets end. */
export async function proveByKeys(
  work: Work,
  ids: OwnApplicationIds,
  change: Shown & { readonly typed: TypedKeys; readonly production: boolean },
): Promise<KeysOutcome> {
  const read = readTypedKeys(change.typed, change.production);
  if (read.outcome === 'refused') return read;
  const { keys } = read;
  return changeProof<KeysOutcome>(work, ids, change, async (tx, before) => {
    const endedSecrets = (await clientSecretsOf(tx, before.id)).length;
    await deleteClientSecrets(tx, before.id);
    return {
      result: { outcome: 'changed' },
      proof: { authMethod: 'private_key_jwt', ...keys },
      noted: { ended_secrets: endedSecrets },
    };
  });
}

export type SecretsOutcome =
  /** `secret` is shown here and never again. */
  { readonly outcome: 'changed'; readonly secret: string } | Unchanged;

/** Has an application prove itself by secrets again, with a first one; its keys count no more. */
export function proveBySecrets(
  work: Work,
  ids: OwnApplicationIds,
  shown: Shown,
): Promise<SecretsOutcome> {
  return changeProof<SecretsOutcome>(work, ids, shown, async (tx, { id, authMethod }) => {
    if (needsSecret(authMethod)) return { result: { outcome: 'outdated' } };
    const secret = await issueSecret(tx, id);
    const proof = { authMethod: 'client_secret_basic' } as const;
    return { result: { outcome: 'changed', secret }, proof };
  });
}

/** What is changed; without `proof` nothing is. */
interface ProofChange<Result> {
  readonly result: Result;
  readonly proof?: Pick<RegisteredMetadata, 'authMethod' | 'jwks' | 'jwksUri'>;
  readonly noted?: Readonly<Record<string, number>>;
}

function changeProof<Result>(
  work: Work,
  ids: OwnApplicationIds,
  { version }: Shown,
  change: (tx: Db, before: OwnClient) => Promise<ProofChange<Result>>,
): Promise<Result | Unchanged> {
  const { owner, clientId } = ids;
  return changeOwned<Result | Unchanged>(work, ids, 'application.updated', async (tx) => {
    const before = await holdOwnClient(tx, idOf(owner), clientId);
    if (before === undefined) return { result: { outcome: 'unknown' } };
    if (!mayProveByKeys(before)) return { result: { outcome: 'keeps_nothing' } };
    if (version !== undefined && before.version !== version) {
      return { result: { outcome: 'outdated' } };
    }
    const { result, proof, noted } = await change(tx, before);
    if (proof === undefined) return { result };
    const { client } = await replaceMetadata(tx, before, withProof(before, proof));
    await noteChange(tx, clientId, before.description);
    return { result, before: printMetadata(before), after: { ...printMetadata(client), ...noted } };
  });
}

/** Whether an application has a server, on which it keeps a secret or a private key. */
export function mayProveByKeys({ authMethod }: Client): boolean {
  return authMethod !== 'none';
}

/** The public keys of an application. */
export interface OwnKeys {
  /** Where they are published; undefined of those that were given here. */
  readonly uri: string | undefined;
  /** Of published ones those that were fetched last; undefined before the first time. */
  readonly keys: readonly PublicKey[] | undefined;
}

/** @returns undefined of an application that is not the owner's, or does not prove itself by keys. */
export function listOwnKeys(db: Reader, ids: OwnApplicationIds): Promise<OwnKeys | undefined> {
  return readOwned(db, ids, (tx) => findOwnKeys(tx, idOf(ids.owner), ids.clientId));
}

/** As `listOwnKeys`, for somebody who may read it. */
export async function findOwnKeys(
  tx: Db,
  owner: ClientOwner,
  clientId: string,
): Promise<OwnKeys | undefined> {
  const client = await findOwnClient(tx, owner, clientId);
  if (client?.authMethod !== 'private_key_jwt') return undefined;
  const { id, jwks, jwksUri: uri } = client;
  if (uri === undefined) return { uri, keys: jwks?.keys ?? [] };
  return { uri, keys: (await findKeySet(tx, id, uri))?.keys };
}
