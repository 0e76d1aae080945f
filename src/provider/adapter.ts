/**
 * Where oidc-provider keeps its things: a room of our tables for each of its models.
 *
 * Secrets are known by their SHA-256 only; the library finds them by the value it is shown and gets
 * that value back. Times are handed over relative to the local clock, so that the database's clock
 * decides expiry.
 *
 * | model | table | file |
 * |---|---|---|
 * | AuthorizationCode, AccessToken, RefreshToken | tokens | token-adapter.ts |
 * | Grant | grants | grant-adapter.ts |
 * | Session | sessions | session-adapter.ts |
 * | Client | clients | client-adapter.ts |
 * | Interaction, PushedAuthorizationRequest, the rest | provider_records | record-adapter.ts |
 *
 * @module
 */

import { type Adapter, errors } from 'oidc-provider';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import type { Database, Db } from '../storage/database.ts';
import { clientAdapter } from './client-adapter.ts';
import { grantAdapter } from './grant-adapter.ts';
import type { PartialAdapter } from './payloads.ts';
import { recordAdapter } from './record-adapter.ts';
import { currentRequest } from './request-transaction.ts';
import { sessionAdapter } from './session-adapter.ts';
import { tokenAdapter } from './token-adapter.ts';

/** @returns the factory that the library calls once per model name. */
export function createAdapter(database: Database, issuer: string): (model: string) => Adapter {
  const db: Db = {
    query: (statement, values) =>
      (currentRequest()?.db ?? database).query<never>(statement, values).catch(toOAuthError),
  };
  return (model) => ({ ...refuseAll(model), ...adapterOf(model, db, issuer) });
}

/** The error of RFC 6749 section 4.1.2.1 for a database that is away, with status 503. */
export function toOAuthError(error: unknown): never {
  if (!(error instanceof DatabaseUnavailableError)) throw error;
  const away = new errors.TemporarilyUnavailable('the database cannot be reached, try again');
  throw Object.assign(away, { status: 503, statusCode: 503 });
}

function adapterOf(model: string, db: Db, issuer: string): PartialAdapter {
  switch (model) {
    case 'AccessToken':
    case 'RefreshToken':
    case 'AuthorizationCode':
      return tokenAdapter(model, db);
    case 'Grant':
      return grantAdapter(db);
    case 'Session':
      return sessionAdapter(db);
    case 'Client':
      return clientAdapter(db);
    default:
      return recordAdapter(model, db, issuer);
  }
}

function refuseAll(model: string): Adapter {
  const refuse = (method: string) => () =>
    Promise.reject(new Error(`oidc-provider called ${model}.${method}, which is not provided`));
  return {
    find: refuse('find'),
    upsert: refuse('upsert'),
    consume: refuse('consume'),
    destroy: refuse('destroy'),
    findByUid: refuse('findByUid'),
    findByUserCode: refuse('findByUserCode'),
    revokeByGrantId: refuse('revokeByGrantId'),
  };
}
