/**
 * Clients, read afresh for every request. They are written by the applications room, not here.
 *
 * A token request reads what it redeems along with its client, since the library looks for the
 * client first, with the parameters at hand.
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import { findClient } from '../storage/clients/clients.ts';
import type { Db } from '../storage/engine/database.ts';
import type { Presented } from '../storage/tokens/redemptions.ts';
import { scopesOf, toClientMetadata } from './client-metadata.ts';
import type { ClientsElsewhere } from './clients-elsewhere.ts';
import { asPayload, requestAtHand } from './library-internals.ts';
import type { PartialAdapter } from './payloads.ts';
import { toOAuthError } from './request-db.ts';
import { nameAsGranted, nameAsRegistered } from './resource-parameter.ts';
import { assumeDefaultScope } from './scope-parameter.ts';
import { tokenPrefixes } from './token-adapter.ts';
import { currentRequest } from './token-request.ts';

/** A suspended client is as unknown to the library as one that never was. */
export function clientAdapter(db: Db, issuer: string, elsewhere: ClientsElsewhere): PartialAdapter {
  return {
    async find(id) {
      if (id.includes('\0')) return undefined; // PostgreSQL's text has no such character
      await elsewhere.bringUpToDate(id);
      const request = currentRequest();
      if (request === undefined) {
        const resource = await nameAsRegistered(db, issuer);
        const client = await findClient(db, id);
        if (client?.status !== 'active') return undefined;
        assumeDefaultScope(scopesOf(client), resource);
        return asPayload(await elsewhere.withKeys(client, toClientMetadata(client)));
      }
      const ctx = requestAtHand();
      const presented = presentedIn(ctx);
      const question = { clientId: id, presented };
      request.redemption = await request.batches.read(question).catch(toOAuthError);
      await nameAsGranted(db, issuer, ctx, request);
      const { client } = request.redemption ?? {};
      return client && asPayload(await elsewhere.withKeys(client, toClientMetadata(client)));
    },
  };
}

const parameters = {
  authorization_code: { name: 'code', kind: 'AuthorizationCode' },
  refresh_token: { name: 'refresh_token', kind: 'RefreshToken' },
} as const;

/** @returns what a token request redeems; undefined where that has not the form of a token. */
export function presentedIn({ oidc }: KoaContextWithOIDC): Presented | undefined {
  const { params = {} } = oidc;
  const grantType = String(params['grant_type']);
  if (!Object.hasOwn(parameters, grantType)) return undefined;
  const { name, kind } = parameters[grantType as keyof typeof parameters];
  const value = params[name];
  if (typeof value !== 'string' || !value.startsWith(tokenPrefixes[kind])) return undefined;
  return { kind, id: sha256(value) };
}
