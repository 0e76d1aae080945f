/**
 * The `identity_providers` table: OpenID providers of the platform's own accounts.
 *
 * Source: migrations/20261129000200-identity-providers.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A provider as its users see it. */
export interface ListedProvider {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Domains whose addresses it may vouch for, in lower case. */
  readonly trustedDomains: readonly string[];
  /** Whether its addresses may be those of a private network. */
  readonly isPrivate: boolean;
  readonly createdAt: Date;
}

/** A provider with its wrapped secret. */
export interface StoredProvider extends Omit<ListedProvider, 'createdAt'> {
  readonly wrappedSecret: Buffer;
}

const columns = `
  id, name, issuer, client_id as "clientId", trusted_domains as "trustedDomains",
  private_network as "isPrivate"`;
const insert = statement(`
  insert into identity_providers
    (id, issuer, client_id, client_secret, name, trusted_domains, private_network)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id`);
const select = statement(`
  select ${columns}, client_secret as "wrappedSecret" from identity_providers where id = $1`);
const list = statement(`
  select ${columns}, created_at as "createdAt" from identity_providers order by created_at, id`);
const remove = statement('delete from identity_providers where id = $1 returning name, issuer');
const endSessions = statement(`
  delete from sessions where uid in (
    select session_uid from provider_sessions where provider_id = $1)`);

/** @returns whether it was added: the id or the issuer may be taken. */
export async function insertProvider(db: Db, provider: StoredProvider): Promise<boolean> {
  const { id, issuer, clientId, wrappedSecret, name, trustedDomains, isPrivate } = provider;
  const values = [id, issuer, clientId, wrappedSecret, name, trustedDomains, isPrivate];
  return (await db.query(insert, values)).length === 1;
}

/** @returns undefined when there is none of that id. */
export async function findProvider(db: Db, id: string): Promise<StoredProvider | undefined> {
  if (!/^[a-z0-9-]{1,40}$/.test(id)) return undefined;
  const [row] = await db.query<StoredProvider>(select, [id]);
  return row;
}

/** @returns every provider, in the order in which they were added. */
export function listProviders(db: Db): Promise<ListedProvider[]> {
  return db.query<ListedProvider>(list);
}

/** Removes a provider and ends the sessions that began there. @returns undefined: there is none. */
export async function deleteProvider(
  tx: Db,
  id: string,
): Promise<{ readonly name: string; readonly issuer: string } | undefined> {
  await tx.query(endSessions, [id]);
  const [row] = await tx.query<{ name: string; issuer: string }>(remove, [id]);
  return row;
}
