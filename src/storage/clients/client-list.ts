/**
 * The `clients` table as operators list it: by kind, newest first.
 *
 * @module
 */

import type { ClientSettings } from '../../clients/client-settings.ts';
import { type Db, type Statement, statement } from '../engine/database.ts';

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
