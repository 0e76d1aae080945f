/**
 * Operators make service clients of the platform. Each proves itself with a key of its own; Usher
 * holds the public half.
 *
 * Source: RFC 7523 (private_key_jwt), RFC 6749 section 4.4.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { checkClientName } from '../clients/client-names.ts';
import { type PublicKey, readPublicKeys } from '../clients/public-keys.ts';
import { type ServicePower, scopeWithPowers } from '../clients/service-clients.ts';
import { newId } from '../lib/ids.ts';
import { saveClient } from '../storage/clients/clients.ts';
import type { Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

/** A service client to be made. */
export interface NewServiceClient {
  readonly name: string;
  /** A JWK Set with public keys, parsed from JSON; anything. */
  readonly jwks: unknown;
  /** What it may do beside keeping the tree in step. */
  readonly powers?: readonly ServicePower[];
}

export type ServiceClientOutcome =
  | { readonly outcome: 'created'; readonly client: Client }
  | { readonly outcome: 'refused'; readonly field: 'name' | 'jwks'; readonly reason: string }
  | NotAllowed;

/** Makes a service client. */
export async function createServiceClient(
  database: Database,
  actor: Actor,
  { name: wanted, jwks, powers = [] }: NewServiceClient,
): Promise<ServiceClientOutcome> {
  const checked = checkClientName(wanted);
  if (checked.outcome === 'refused') return { ...checked, field: 'name' };
  const read = readPublicKeys(jwks);
  if (read.outcome === 'refused') return { ...read, field: 'jwks' };
  if (read.keys.length === 0) {
    const reason =
      'must hold an EC key on P-256 or P-384, an Ed25519 or an RSA key, for signatures';
    return { outcome: 'refused', field: 'jwks', reason };
  }
  return create(database, actor, { name: checked.name, keys: read.keys, powers });
}

interface Checked {
  readonly name: string;
  readonly keys: readonly PublicKey[];
  readonly powers: readonly ServicePower[];
}

function create(
  database: Database,
  actor: Actor,
  { name, keys, powers }: Checked,
): Promise<ServiceClientOutcome> {
  const id = `sync_${newId().replaceAll('-', '')}`;
  const act = { action: 'service_client.created', subject: id };
  return asOperator<ServiceClientOutcome>(database, actor, act, async (tx, record) => {
    const scope = scopeWithPowers(powers);
    const client = await saveClient(tx, { ...inert, id, name, scope, jwks: { keys } });
    await record({ after: { name, keys: keys.length, ...(powers.length > 0 && { powers }) } });
    return { outcome: 'created', client };
  });
}

/** A service client asks nobody for anything. */
const inert = {
  applicationType: 'web',
  authMethod: 'private_key_jwt',
  redirectUris: [],
  grantTypes: [],
  status: 'active',
  dynamic: false,
  dpopBoundAccessTokens: false,
  idTokenSignedResponseAlg: 'RS256',
  resourceServer: undefined,
  requiresResource: false,
} as const;
