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
 * | ClientCredentials | tokens | service-token-adapter.ts |
 * | Grant | grants | grant-adapter.ts |
 * | Session | sessions | session-adapter.ts |
 * | Client | clients | client-adapter.ts |
 * | Interaction, PushedAuthorizationRequest, the rest | provider_records | record-adapter.ts |
 *
 * @module
 */

import type { Adapter } from 'oidc-provider';
import type { Db } from '../storage/engine/database.ts';
import { clientAdapter } from './client-adapter.ts';
import type { ClientsElsewhere } from './clients-elsewhere.ts';
import { grantAdapter } from './grant-adapter.ts';
import type { PartialAdapter } from './payloads.ts';
import { recordAdapter } from './record-adapter.ts';
import { serviceTokenAdapter } from './service-token-adapter.ts';
import { sessionAdapter } from './session-adapter.ts';
import { tokenAdapter } from './token-adapter.ts';

/** @returns the factory that the library calls once per model name. */
export function createAdapter(
  db: Db,
  issuer: string,
  elsewhere: ClientsElsewhere,
): (model: string) => Adapter {
  return (model) => ({ ...refuseAll(model), ...adapterOf(model, db, issuer, elsewhere) });
}

function adapterOf(
  model: string,
  db: Db,
  issuer: string,
  elsewhere: ClientsElsewhere,
): PartialAdapter {
  switch (model) {
    case 'AccessToken':
    case 'RefreshToken':
    case 'AuthorizationCode':
      return tokenAdapter(model, db);
    case 'ClientCredentials':
      return serviceTokenAdapter(db);
    case 'Grant':
      return grantAdapter(db);
    case 'Session':
      return sessionAdapter(db);
    case 'Client':
      return clientAdapter(db, issuer, elsewhere);
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
