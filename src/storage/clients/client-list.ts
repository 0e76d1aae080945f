/**
 * The `clients` table as operators list it: by kind, newest first.
 *
 * What people read about an application: its name, who answers for it, and whether anyone has
 * looked at it. Read from `clients` and `organizations`.
 *
 * @module
 */

import type { ClientSettings } from '../../clients/client-settings.ts';
import { isDocumentAddress } from '../../clients/document-address.ts';
import { type Db, type Statement, statement } from '../engine/database.ts';
import { logoDigestOf } from './client-logos.ts';
import { validProvedHost } from './proved-hosts.ts';
import { isUnvouched } from './vouching.ts';

/** What a client is to operators. */
export type ClientKind = 'application' | 'resource_server' | 'service_client';

/** A client in the list. */
export interface ListedClient {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** The slug of the organization that owns it. */
  readonly organization: string | null;
  readonly createdAt: Date;
  /** Whether it registered itself. */
  readonly isDynamic: boolean;
  /** What its warnings are found by, see clients/client-settings.ts. */
  readonly authMethod: string;
  readonly dpopBoundAccessTokens: boolean;
  readonly settings: ClientSettings;
}

/** The scope that makes a service client, see clients/service-clients.ts. */
const isService = `'platform:sync' = any (string_to_array(k.scope, ' '))`;

/** The condition on a row of `clients k` for each kind. */
const conditions: Readonly<Record<ClientKind, string>> = {
  application: `k.resource_server is null and not (${isService})`,
  resource_server: 'k.resource_server is not null',
  service_client: `k.resource_server is null and ${isService}`,
};

function listOf(kind: ClientKind): Statement {
  return statement(`
    select k.id, k.name, k.status, o.slug as organization, k.created_at as "createdAt",
           k.is_dynamic as "isDynamic", k.auth_method as "authMethod", k.settings,
           coalesce((k.metadata->>'dpopBoundAccessTokens')::boolean, false)
             as "dpopBoundAccessTokens"
      from clients k left join organizations o on o.id = k.owner_organization_id
     where ${conditions[kind]} order by k.created_at desc, k.id`);
}

function findOf(kind: ClientKind): Statement {
  return statement(`select from clients k where k.id = $1 and ${conditions[kind]}`);
}

const statements: Readonly<
  Record<ClientKind, { readonly list: Statement; readonly find: Statement }>
> = {
  application: { list: listOf('application'), find: findOf('application') },
  resource_server: { list: listOf('resource_server'), find: findOf('resource_server') },
  service_client: { list: listOf('service_client'), find: findOf('service_client') },
};

/** @returns the clients of a kind, newest first; also those that are suspended. */
export function listClients(db: Db, kind: ClientKind): Promise<ListedClient[]> {
  return db.query<ListedClient>(statements[kind].list);
}

/** Whether a client is of that kind. */
export async function isClientOfKind(db: Db, id: string, kind: ClientKind): Promise<boolean> {
  return (await db.query(statements[kind].find, [id])).length === 1;
}

/** An application, as the person whom it asks sees it. */
export interface ApplicationSummary {
  readonly id: string;
  readonly name: string;
  /** It is known by the address of its document, and named by its host, which only its owner can serve. */
  readonly isByDocument: boolean;
  /** What such an application calls itself; undefined where it says nothing else. */
  readonly claimedName: string | undefined;
  /** Undefined for an application that registered itself and belongs to nobody known. */
  readonly owner: { readonly id: string; readonly slug: string; readonly name: string } | undefined;
  /** Nobody vouches for it to this person (vouching.ts): its name, and its owner's, are their own claims. */
  readonly isUnvouched: boolean;
  /** An operator has looked at it. */
  readonly isVerified: boolean;
  /** The host of its home page, where its developer has proved that it is theirs. */
  readonly provedHost: string | undefined;
  /** The digest of its logo, see client-logos.ts. */
  readonly logo: string | undefined;
  /** It gets nothing now; what it was allowed comes back with it. */
  readonly isSuspended: boolean;
  /** The registered scopes that cannot be left out, canonical; '' where all can (consent/required.ts). */
  readonly requiredScope: string;
}

/** The columns of a summary, selected from `clients c left join organizations o`. */
export interface ApplicationRow {
  client_id: string;
  client_name: string;
  claimed_name: string | null;
  is_unvouched: boolean;
  is_verified: boolean;
  client_uri: string | null;
  proved_host: string | null;
  logo: string | null;
  is_suspended: boolean;
  required_scope: string;
  owner_id: string | null;
  owner_slug: string | null;
  owner_name: string | null;
}

/** Selects `ApplicationRow`. @param account SQL of the id of the account that it is shown to. */
export const applicationColumns = (account: string) => `
  c.id as client_id, c.name as client_name, c.metadata->>'claimedName' as claimed_name, c.is_verified,
  c.metadata->>'clientUri' as client_uri,
  (select p.host from client_proved_hosts p where p.client_id = c.id) as proved_host,
  ${logoDigestOf('c.id')} as logo,
  c.status = 'suspended' as is_suspended,
  ${isUnvouched('c', account)} as is_unvouched,
  coalesce(c.metadata->>'requiredScope', '') as required_scope,
  o.id as owner_id, o.slug as owner_slug, o.name as owner_name`;

const select = statement(`
  select ${applicationColumns('$2::uuid')}
    from clients c left join organizations o on o.id = c.owner_organization_id
   where c.id = $1`);

/**
 * @param accountId whom it asks; undefined: nobody is signed in.
 * @returns the application; undefined when there is none of that client id.
 */
export async function findApplication(
  db: Db,
  clientId: string,
  accountId: string | undefined,
): Promise<ApplicationSummary | undefined> {
  const [row] = await db.query<ApplicationRow>(select, [clientId, accountId ?? null]);
  return row && toApplication(row);
}

/** Reads the selected columns. */
export function toApplication(row: ApplicationRow): ApplicationSummary {
  const { owner_id: id, owner_slug: slug, owner_name: name } = row;
  return {
    id: row.client_id,
    name: row.client_name,
    isByDocument: isDocumentAddress(row.client_id),
    claimedName: row.claimed_name ?? undefined,
    owner: id === null ? undefined : { id, slug: slug ?? '', name: name ?? '' },
    isUnvouched: row.is_unvouched,
    isVerified: row.is_verified,
    provedHost: validProvedHost(row.proved_host ?? undefined, row.client_uri ?? undefined),
    logo: row.logo ?? undefined,
    isSuspended: row.is_suspended,
    requiredScope: row.required_scope,
  };
}
