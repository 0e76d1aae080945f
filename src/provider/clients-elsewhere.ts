/**
 * What clients publish at addresses of their own, for the requests of the library: the document that a
 * `client_id` is the address of, and keys at a `jwks_uri`.
 *
 * Only an authorization request makes an application known; all others are about one that is. Inside the
 * transaction of a request nothing is brought up to date: the request before it just was.
 *
 * @module
 */

import type Koa from 'koa';
import { type ClientMetadata, errors, Provider } from 'oidc-provider';
import type {
  ClientDocuments,
  DocumentOutcome,
} from '../applications/documents/client-documents.ts';
import type { KeySets } from '../applications/documents/key-sets.ts';
import type { Client } from '../clients/client.ts';
import { isDocumentAddress } from '../clients/document-address.ts';
import type { Origin } from '../storage/audit/audit-log.ts';
import { toOAuthError } from './request-db.ts';
import { currentTransaction } from './request-transaction.ts';

/** How what clients publish is looked at. */
export interface ElsewhereParts {
  /** Applications that are known by a document; undefined when they are not. */
  readonly documents: ClientDocuments | undefined;
  /** The keys of clients that publish them at an address. */
  readonly keySets: KeySets;
  /** Where a request came from. */
  readonly originOf: (ctx: Koa.Context) => Origin;
}

/** Clients with a part that is elsewhere. */
export interface ClientsElsewhere {
  /**
   * Brings a client up to its document.
   *
   * @throws {errors.InvalidClient} its document cannot be used.
   * @throws {errors.TemporarilyUnavailable} it may be possible later.
   */
  bringUpToDate(clientId: string): Promise<void>;
  /** @returns the client as the library gets it, with the keys that check what the request presents. */
  withKeys(client: Client, metadata: ClientMetadata): Promise<ClientMetadata>;
}

const introducing: readonly unknown[] = ['authorization', 'pushed_authorization_request'];

/** The library looks for a client several times in a request, and once more where that failed. */
const resolved = new WeakMap<Koa.Context, Map<string, Promise<DocumentOutcome>>>();

function resolveOnce(
  ctx: Koa.Context,
  clientId: string,
  resolve: () => Promise<DocumentOutcome>,
): Promise<DocumentOutcome> {
  const ofRequest = resolved.get(ctx) ?? new Map<string, Promise<DocumentOutcome>>();
  resolved.set(ctx, ofRequest);
  const outcome = ofRequest.get(clientId) ?? resolve();
  ofRequest.set(clientId, outcome);
  return outcome;
}

/** @returns what clients publish, as the settings allow it. */
export function createClientsElsewhere({
  documents,
  keySets,
  originOf,
}: ElsewhereParts): ClientsElsewhere {
  return {
    async bringUpToDate(clientId) {
      const { ctx } = Provider;
      if (ctx === undefined || !isDocumentAddress(clientId)) return;
      if (currentTransaction() !== undefined) return;
      if (documents === undefined)
        throw new errors.InvalidClient('an address is no client_id here');
      const outcome = await resolveOnce(ctx, clientId, () => {
        const origin = introducing.includes(ctx.oidc?.route) ? originOf(ctx) : undefined;
        return documents.resolve(clientId, origin).catch(toOAuthError);
      });
      if (outcome.outcome === 'refused') throw refused(outcome.reason, ctx.oidc?.route);
      if (outcome.outcome === 'unavailable') throw unavailable(outcome.reason);
    },
    async withKeys(client, metadata) {
      const assertion = Provider.ctx?.oidc?.params?.['client_assertion'];
      if (client.jwksUri === undefined || typeof assertion !== 'string') return metadata;
      const keys = await keySets.keysFor(client, assertion).catch(toOAuthError);
      return { ...metadata, jwks: { keys: (keys ?? []).map((key) => ({ ...key })) } };
    },
  };
}

/** RFC 6749 section 5.2: 401 at endpoints where clients authenticate. */
function refused(reason: string, route: string | undefined): Error {
  const error = new errors.InvalidClient(reason);
  const status = route === 'authorization' ? 400 : 401;
  return Object.assign(error, { status, statusCode: status });
}

/** The person stays with us: nobody vouches for where the request would send them. */
function unavailable(reason: string): Error {
  const away = new errors.TemporarilyUnavailable(reason);
  return Object.assign(away, { status: 503, statusCode: 503, allow_redirect: false });
}
