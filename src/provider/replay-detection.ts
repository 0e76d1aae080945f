/**
 * Proofs and assertions are taken once, also when two come at the same moment on two nodes.
 *
 * The library looks first and saves then. Here both are one statement. Inside a token request it is
 * part of the transaction, and stays when the rest is rolled back.
 *
 * Source: RFC 9449 section 11.1, RFC 7523 section 3 (jti).
 *
 * @module
 */

import { Provider } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import { type Database, statement } from '../storage/database.ts';
import { recordOnce } from '../storage/provider-records.ts';
import { toOAuthError } from './request-db.ts';
import { currentRequest } from './request-transaction.ts';

/**
 * The library takes a proof whose clock is ahead by as much, and would remember it only until it has
 * caught up.
 */
const clockAheadSeconds = 300;

/** Replaces the library's way to tell whether an id was seen before. */
export function atomicReplayDetection(provider: Provider, database: Database): void {
  const model = provider.ReplayDetection as unknown as {
    unique(issuer: string, jti: string, expiresAt: number): Promise<boolean>;
  };
  model.unique = (issuer, jti, expiresAt) => {
    const id = sha256(JSON.stringify([issuer, jti]));
    const left = Math.max(1, expiresAt - Math.floor(Date.now() / 1000));
    return record(database, id, left + clockAheadSeconds).catch(toOAuthError);
  };
}

async function record(database: Database, id: Buffer, lifetimeSeconds: number): Promise<boolean> {
  const request = currentRequest();
  if (request === undefined) return recordOnce(database, id, lifetimeSeconds);
  request.seenProofs.push([id, lifetimeSeconds]);
  const isNew = await recordOnce(request.db, id, lifetimeSeconds);
  if (!isCodeSpent()) {
    await request.db.query(savepoint);
    request.isUndoneToProofs = true;
  }
  return isNew;
}

const savepoint = statement('savepoint proofs');

/** The library looks at the proof that comes with a code after it has spent the code. */
function isCodeSpent(): boolean {
  return Provider.ctx?.oidc.entities.AuthorizationCode !== undefined;
}
