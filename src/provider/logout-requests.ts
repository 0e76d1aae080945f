/**
 * An application's request that its user sign out: who asks, about whom, and where to go afterwards.
 *
 * The library's own endpoint keeps the request in the session, does not compare the user of the hint
 * with who is signed in, and needs a script where nobody is; so the page is ours, and the library
 * judges the hint.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0 sections 2 and 3.
 *
 * @module
 */

import { decodeJwt } from 'jose';
import type { Client as LibraryClient, Provider } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { isRegisteredUri } from '../clients/redirect-uris.ts';
import { parseId } from '../lib/ids.ts';
import { findClient } from '../storage/clients/clients.ts';
import type { Database } from '../storage/engine/database.ts';
import { withParameters } from './redirect-answers.ts';

/** A request to sign out that holds. */
export interface LogoutRequest {
  /** The application that asks; undefined when it does not say who it is. */
  readonly client: Client | undefined;
  /** The account (UUID) of the ID token that came with the request. */
  readonly hinted: string | undefined;
  /** As they were sent; the address is a registered one of the application. */
  readonly redirectUri: string | undefined;
  readonly state: string | undefined;
  /** Where to go after signing out: the address with the state; undefined when nowhere. */
  readonly returnTo: string | undefined;
}

/** Why a request is refused, for whoever made the application. */
interface RefusedLogout {
  readonly reason: string;
}

/** Reads such requests. */
export interface LogoutRequests {
  /** @param parameters of the address, or of the form that repeats them. */
  read(parameters: URLSearchParams): Promise<LogoutRequest | RefusedLogout>;
}

/** Reads them by the clients that are registered and the keys that sign ID tokens. */
export function createLogoutRequests(provider: Provider, db: Database): LogoutRequests {
  return {
    async read(parameters) {
      const repeated = names.find((name) => parameters.getAll(name).length > 1);
      if (repeated !== undefined) return { reason: `${repeated} must not be repeated` };
      const [hint, uri, state, named] = names.map((name) => parameters.get(name) || undefined);
      const hinted = hint === undefined ? undefined : await readHint(provider, hint);
      if (hinted !== undefined && 'reason' in hinted) return hinted;
      if (hinted !== undefined && named !== undefined && named !== hinted.clientId) {
        return { reason: 'the id_token_hint was issued to another application than client_id' };
      }
      const clientId = hinted?.clientId ?? named;
      const client = clientId === undefined ? undefined : await findActive(db, clientId);
      if (clientId !== undefined && client === undefined) return { reason: unknownClient };
      const reason = findFault(client, uri);
      if (reason !== undefined) return { reason };
      const answer = new URLSearchParams(state === undefined ? {} : { state });
      const returnTo = uri === undefined ? undefined : withParameters(uri, answer);
      return { client, hinted: hinted?.accountId, redirectUri: uri, state, returnTo };
    },
  };
}

const names = ['id_token_hint', 'post_logout_redirect_uri', 'state', 'client_id'] as const;

const unknownClient = 'there is no application with this client_id';

async function findActive(db: Database, id: string): Promise<Client | undefined> {
  if (id.includes('\0')) return undefined; // PostgreSQL's text has no such character
  const client = await findClient(db, id);
  return client?.status === 'active' ? client : undefined;
}

/** Section 3: only a registered address, and only of an application that is known. */
function findFault(client: Client | undefined, uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  if (client === undefined) {
    return 'post_logout_redirect_uri needs client_id or id_token_hint, to know whose address it is';
  }
  const { postLogoutRedirectUris: registered = [], applicationType } = client;
  return isRegisteredUri(uri, registered, applicationType)
    ? undefined
    : 'post_logout_redirect_uri is not registered by this application';
}

interface Hinted {
  readonly clientId: string;
  readonly accountId: string | undefined;
}

/** Section 2: an ID token of ours, also one that has expired. */
async function readHint(provider: Provider, hint: string): Promise<Hinted | RefusedLogout> {
  const clientId = audienceOf(hint);
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  if (client === undefined) return notOurs;
  const payload = await validate(provider, hint, client);
  if (payload === undefined) return notOurs;
  return { clientId: client.clientId, accountId: parseId('user', String(payload['sub'])) };
}

const notOurs = { reason: 'id_token_hint is not an ID token of this server' };

function audienceOf(hint: string): string | undefined {
  try {
    const { aud } = decodeJwt(hint);
    return typeof aud === 'string' ? aud : undefined;
  } catch {
    return undefined;
  }
}

/** The library throws whatever it finds wrong: nothing of it is a failure of ours. */
async function validate(provider: Provider, hint: string, client: LibraryClient) {
  try {
    return (await provider.IdToken.validate(hint, client)).payload;
  } catch {
    return undefined;
  }
}
