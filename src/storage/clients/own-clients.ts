/**
 * Applications with an owner, a person or an organization: whose they are, what is written about them,
 * and their version.
 *
 * Source: migrations/20261129070200-own-applications.ts.
 *
 * @module
 */

import type { Client } from '../../clients/client.ts';
import { type Db, statement } from '../engine/database.ts';
import { logoDigestOf } from './client-logos.ts';
import { type ClientRow, clientColumns, toClient } from './clients.ts';

/** A person, or an organization. */
export type ClientOwner =
  | { readonly accountId: string; readonly organizationId?: undefined }
  | { readonly organizationId: string; readonly accountId?: undefined };

/** An application with what its owner alone reads and writes. */
export interface OwnClient extends Client {
  readonly description: string;
  /** Another one after each change. */
  readonly version: number;
  /** An operator has looked at it. */
  readonly isVerified: boolean;
  /** How many people allow it something. */
  readonly consents: number;
  /** The digest of its logo, see client-logos.ts. */
  readonly logo: string | undefined;
}

interface OwnRow extends ClientRow {
  description: string;
  version: number;
  is_verified: boolean;
  consents: number;
  logo: string | null;
}

const columns = `${clientColumns}, k.description, k.version, k.is_verified, ${logoDigestOf('k.id')} as logo,
  (select count(*)::int from consents n where n.client_id = k.id and n.version > 0) as consents`;
/** Of the owner `$1` or `$2`; resource servers have pages of their own. */
const owned =
  '(k.owner_account_id = $1 or k.owner_organization_id = $2) and k.resource_server is null';
const list = statement(`
  select ${columns} from clients k where ${owned} order by lower(k.name), k.id`);
const listManaged = statement(`
  select ${columns} from clients k join client_managers g on g.client_id = k.id
   where k.owner_organization_id = $1 and g.account_id = $2 order by lower(k.name), k.id`);
const select = statement(`select ${columns} from clients k where ${owned} and k.id = $3`);
const hold = statement(`select k.id from clients k where ${owned} and k.id = $3 for no key update`);
const give = statement(`
  update clients set owner_account_id = $2, owner_organization_id = $3, description = $4
   where id = $1`);
const note = statement(`
  update clients set description = $2, version = version + 1 where id = $1`);
const holdOwner = statement(`
  select id from accounts where id = $1 and status = 'active' for no key update`);
const count = statement(`select count(*)::int as count from clients k where ${owned}`);

/** As deleteConsentsOfClient and deleteClient do: consents before the clients that they are for. */
const endConsentsOfOwn = statement(`
  with own as (select id from clients where owner_account_id = $1),
  open_pages as (
    delete from provider_records
     where kind = 'Interaction' and payload -> 'params' ->> 'client_id' in (select id from own))
  delete from consents where client_id in (select id from own)`);
const endOwn = statement(`
  with own as (delete from clients where owner_account_id = $1 returning id)
  delete from tokens where grant_id is null and client_id in (select id from own)`);

const idsOf = ({ accountId, organizationId }: ClientOwner) => [
  accountId ?? null,
  organizationId ?? null,
];

/** @returns the owner's applications, by name. */
export async function listOwnClients(db: Db, owner: ClientOwner): Promise<OwnClient[]> {
  return (await db.query<OwnRow>(list, idsOf(owner))).map(toOwn);
}

/** @returns those of the organization's applications that the account is a manager of, by name. */
export async function listManagedClients(
  db: Db,
  organizationId: string,
  accountId: string,
): Promise<OwnClient[]> {
  return (await db.query<OwnRow>(listManaged, [organizationId, accountId])).map(toOwn);
}

/** @returns undefined where the application is somebody else's, as where it is not there. */
export async function findOwnClient(
  db: Db,
  owner: ClientOwner,
  id: string,
): Promise<OwnClient | undefined> {
  const [row] = await db.query<OwnRow>(select, [...idsOf(owner), id]);
  return row && toOwn(row);
}

/** As `findOwnClient`, and holds the application until the transaction ends: changes come one by one. */
export async function holdOwnClient(
  tx: Db,
  owner: ClientOwner,
  id: string,
): Promise<OwnClient | undefined> {
  const held = await tx.query(hold, [...idsOf(owner), id]);
  return held.length === 0 ? undefined : findOwnClient(tx, owner, id);
}

/**
 * Holds a person, so that of two who register at once for them the second counts the first's. Of an
 * organization the caller holds the lock.
 *
 * @returns how many applications the owner has.
 */
export async function countOwnClients(tx: Db, owner: ClientOwner): Promise<number> {
  if (owner.accountId !== undefined) await tx.query(holdOwner, [owner.accountId]);
  const [row] = await tx.query<{ count: number }>(count, idsOf(owner));
  return row?.count ?? 0;
}

/** Gives an application that nobody owns its owner. */
export async function giveOwner(
  tx: Db,
  id: string,
  { owner, description }: { readonly owner: ClientOwner; readonly description: string },
): Promise<void> {
  await tx.query(give, [id, ...idsOf(owner), description]);
}

const adopt = statement(`
  with ended as (
    delete from provider_records where kind = 'RegistrationAccessToken' and client_id = $1)
  update clients set is_dynamic = false, owner_organization_id = $2, scope = $3, version = version + 1
   where id = $1`);
const consented = statement(`
  select coalesce(string_agg(distinct e.scope, ' '), '') as scope
    from consent_entries e join consents n on n.id = e.consent_id where n.client_id = $1`);

/** Makes an application that registered itself an organization's; its registration access token ends. */
export async function adoptClient(
  tx: Db,
  id: string,
  { organizationId, scope }: { readonly organizationId: string; readonly scope: string },
): Promise<void> {
  await tx.query(adopt, [id, organizationId, scope]);
}

/** @returns the scopes that people allow an application anywhere, some of them maybe several times. */
export async function consentedScopes(db: Db, id: string): Promise<string> {
  const [row] = await db.query<{ scope: string }>(consented, [id]);
  return row?.scope ?? '';
}

/** Writes the description of an application, and that it changed. */
export async function noteChange(tx: Db, id: string, description: string): Promise<void> {
  await tx.query(note, [id, description]);
}

/** Ends all applications of a person, for everyone who uses them. */
export async function deleteOwnClients(tx: Db, accountId: string): Promise<void> {
  await tx.query(endConsentsOfOwn, [accountId]);
  await tx.query(endOwn, [accountId]);
}

function toOwn(row: OwnRow): OwnClient {
  const { description, version, consents } = row;
  return {
    ...toClient(row),
    description,
    version,
    isVerified: row.is_verified,
    consents,
    logo: row.logo ?? undefined,
  };
}
