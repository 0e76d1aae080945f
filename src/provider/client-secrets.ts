/**
 * A client's secret is compared by its hash, in constant time: of the secrets that a token request
 * was begun with, elsewhere of those in the database.
 *
 * @module
 */

import { timingSafeEqual } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import { isClientSecret } from '../storage/clients/client-secrets.ts';
import type { Database } from '../storage/engine/database.ts';
import type { LiveSecret } from '../storage/tokens/redemptions.ts';
import { compareSecrets } from './library-internals.ts';
import { requestDb } from './request-db.ts';
import { currentRequest } from './token-request.ts';

/** Makes the library ask here whether a secret is the client's. */
export function compareSecretsByHash(provider: Provider, database: Database): void {
  const db = requestDb(database);
  compareSecrets(provider, async (clientId, presented) => {
    const { secrets } = currentRequest()?.redemption ?? {};
    const isLive = () => isClientSecret(db, clientId, presented);
    return secrets === undefined ? isLive() : isOneOf(secrets, presented, isLive);
  });
}

/** The use of a secret is noted to the hour; that it was one then is asked once more, and counts. */
async function isOneOf(
  secrets: readonly LiveSecret[],
  presented: string,
  note: () => Promise<boolean>,
): Promise<boolean> {
  const hash = sha256(presented);
  const hit = secrets.find((secret) => timingSafeEqual(secret.hash, hash));
  if (hit === undefined) return false;
  return hit.isNoted || note();
}
