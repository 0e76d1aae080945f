/**
 * The `clients` table: applications and resource servers. Secrets are in client-secrets.ts.
 *
 * Source: migrations/20261122001000-clients.ts.
 *
 * @module
 */

import { allScopes, formatScope } from '../../catalogue/scope-set.ts';
import type {
  ApplicationType,
  AuthMethod,
  Client,
  GrantType,
  IdTokenAlgorithm,
  ResourceServer,
} from '../../clients/client.ts';
import type { ClientSettings } from '../../clients/client-settings.ts';
import { type Db, statement } from '../engine/database.ts';
import { wholeCatalogue, writtenBound } from './registrations.ts';
import { isUnvouched } from './vouching.ts';

/** What the table keeps as JSON: fields that nothing is ever searched or decided by. */
type ClientDetails = Partial<
  Pick<
    Client,
    | 'postLogoutRedirectUris'
    | 'requiredScope'
    | 'jwks'
    | 'jwksUri'
    | 'claimedName'
    | 'clientUri'
    | 'policyUri'
    | 'tosUri'
    | 'logoUri'
    | 'contacts'
    | 'softwareId'
    | 'softwareVersion'
    | 'dpopBoundAccessTokens'
    | 'requirePushedAuthorizationRequests'
  >
>;

/** A row of `clientColumns`. */
export interface ClientRow {
  id: string;
  name: string;
  owner_organization_id: string | null;
  application_type: ApplicationType;
  auth_method: AuthMethod;
  redirect_uris: string[];
  grant_types: GrantType[];
  scope: string;
  status: 'active' | 'suspended';
  is_dynamic: boolean;
  resource_server: 'platform' | 'organization' | null;
  requires_resource: boolean;
  audience: string | null;
  id_token_signed_response_alg: IdTokenAlgorithm;
  metadata: ClientDetails;
  settings: ClientSettings;
  bound: string;
  created_at: Date;
}

/** What is selected of `clients k` for a `ClientRow`. */
export const clientColumns = `k.id, k.name, k.owner_organization_id, k.application_type,
  k.auth_method, k.redirect_uris, k.grant_types, k.scope, k.status, k.is_dynamic, k.resource_server,
  k.requires_resource, k.audience, k.id_token_signed_response_alg, k.metadata, k.settings,
  ${writtenBound('k')} as bound, k.created_at`;
const select = statement(`select ${clientColumns} from clients k where k.id = $1`);
const upsert = statement(`
  insert into clients as k (id, name, owner_organization_id, application_type, auth_method, redirect_uris,
    grant_types, scope, status, is_dynamic, resource_server, requires_resource, audience, metadata,
    id_token_signed_response_alg)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  on conflict (id) do update set name = excluded.name, auth_method = excluded.auth_method,
    application_type = excluded.application_type, redirect_uris = excluded.redirect_uris,
    grant_types = excluded.grant_types, scope = excluded.scope, status = excluded.status,
    requires_resource = excluded.requires_resource, audience = excluded.audience,
    metadata = excluded.metadata,
    id_token_signed_response_alg = excluded.id_token_signed_response_alg
  returning ${clientColumns}`);
/** Tokens under a grant go with it; those of the client itself hang on no other row. */
const remove = statement(`
  with own as (delete from tokens where client_id = $1 and grant_id is null)
  delete from clients where id = $1`);
/** Not `for update`: that would make whoever issues a token or records a consent wait. */
const hold = statement(`select ${clientColumns} from clients k where k.id = $1 for no key update`);
const unverify = statement('update clients set is_verified = false where id = $1');
const selectVerifiedNames = statement('select name from clients where is_verified and id <> $1');
const changeStatus = statement('update clients set status = $2 where id = $1');
const selectStranger = statement(`
  select from clients c
   where c.id = $1 and not c.is_verified and ${isUnvouched('c', '$2::uuid')} and not exists (
    select from consents n where n.client_id = c.id and n.account_id = $2 and n.version > 0)`);

export async function findClient(db: Db, id: string): Promise<Client | undefined> {
  const [row] = await db.query<ClientRow>(select, [id]);
  return row && toClient(row);
}

/** As `findClient`, and holds the client until the transaction ends: changes come one by one. */
export async function holdClient(tx: Db, id: string): Promise<Client | undefined> {
  const [row] = await tx.query<ClientRow>(hold, [id]);
  return row && toClient(row);
}

/** Takes back that somebody has looked at the client: it is no longer what was looked at. */
export async function unverifyClient(db: Db, id: string): Promise<void> {
  await db.query(unverify, [id]);
}

/** @returns the names of all verified applications but one, which are few. @param id of that one. */
export async function findVerifiedNames(db: Db, id: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(selectVerifiedNames, [id]);
  return rows.map(({ name }) => name);
}

/** Suspends or reinstates a client. */
export async function setClientStatus(db: Db, id: string, status: Client['status']): Promise<void> {
  await db.query(changeStatus, [id, status]);
}

/** A client as it is saved; its settings are an operator's to change (client-settings.ts). */
export type SavedClient = Omit<Client, 'createdAt' | 'settings' | 'scopeBound'>;

/**
 * Adds a client, or changes all of one that exists but its id, owner, kind and settings.
 *
 * @returns the client as stored.
 */
export async function saveClient(db: Db, client: SavedClient): Promise<Client> {
  const [row] = await db.query<ClientRow>(upsert, toValues(client));
  return toClient(row as ClientRow);
}

/** Deletes a client with its secrets, consents, grants and tokens. */
export async function deleteClient(db: Db, id: string): Promise<void> {
  await db.query(remove, [id]);
}

/**
 * Whether nobody vouches for the client to this account, which has not consented to it.
 *
 * @param accountId undefined: nobody is signed in.
 */
export async function isStranger(
  db: Db,
  id: string,
  accountId: string | undefined,
): Promise<boolean> {
  return (await db.query(selectStranger, [id, accountId ?? null])).length === 1;
}

/** @returns the client of a row. */
export function toClient(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    ...(row.owner_organization_id === null
      ? {}
      : { ownerOrganizationId: row.owner_organization_id }),
    applicationType: row.application_type,
    authMethod: row.auth_method,
    redirectUris: row.redirect_uris,
    grantTypes: row.grant_types,
    scope: row.scope,
    status: row.status,
    dynamic: row.is_dynamic,
    resourceServer: toResourceServer(row),
    requiresResource: row.requires_resource,
    ...(row.audience === null ? {} : { audience: row.audience }),
    idTokenSignedResponseAlg: row.id_token_signed_response_alg,
    dpopBoundAccessTokens: false,
    ...row.metadata,
    settings: row.settings,
    scopeBound: row.bound === wholeCatalogue ? formatScope(allScopes) : row.bound,
    createdAt: row.created_at,
  };
}

function toResourceServer(row: ClientRow): ResourceServer | undefined {
  if (row.resource_server === null) return undefined;
  if (row.resource_server === 'platform') return { kind: 'platform' };
  return { kind: 'organization', organizationId: row.owner_organization_id ?? '' };
}

function toValues(client: SavedClient): unknown[] {
  const {
    id,
    name,
    ownerOrganizationId,
    applicationType,
    authMethod,
    redirectUris,
    grantTypes,
    scope,
    status,
    dynamic,
    resourceServer,
    requiresResource,
    audience,
    idTokenSignedResponseAlg,
    ...details
  } = client;
  return [
    id,
    name,
    ownerOrganizationId ?? null,
    applicationType,
    authMethod,
    redirectUris,
    grantTypes,
    scope,
    status,
    dynamic,
    resourceServer?.kind ?? null,
    requiresResource,
    audience ?? null,
    details,
    idTokenSignedResponseAlg,
  ];
}
