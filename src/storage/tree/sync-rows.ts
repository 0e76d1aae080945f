/**
 * What the platform names by its own ids, read and written many rows at a time.
 *
 * @module
 */

import type { OrganizationRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { ExternalIdentity } from '../people/external-identities.ts';

const organizationByExternalId = statement('select id from organizations where external_id = $1');

/** @returns the id of the organization that the platform calls so. */
export async function findOrganizationId(db: Db, externalId: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(organizationByExternalId, [externalId]);
  return row?.id;
}

const nameOrganization = statement('update organizations set external_id = $2 where id = $1');

/** @throws {pg.DatabaseError} organizations_external_id_key: another one is called so. */
export async function nameByExternalId(tx: Db, id: string, externalId: string): Promise<void> {
  await tx.query(nameOrganization, [id, externalId]);
}

/** A database as the platform's ids find it. */
export interface SyncedDatabase {
  readonly id: string;
  readonly organizationId: string;
  slug: string;
  externalId: string | null;
}

const databases = statement(`
  select id, organization_id as "organizationId", slug, external_id as "externalId"
    from databases where external_id = any ($2::text[])
  union
  select id, organization_id, slug, external_id
    from databases where organization_id = $1 and slug = any ($3::text[])`);

/** @returns the databases with these external ids anywhere, and with these slugs in the organization. */
export function findSyncedDatabases(
  db: Db,
  organizationId: string,
  externalIds: readonly string[],
  slugs: readonly string[],
): Promise<SyncedDatabase[]> {
  return db.query<SyncedDatabase>(databases, [organizationId, externalIds, slugs]);
}

/** A branch as the platform's ids find it. */
export interface SyncedBranch {
  readonly id: string;
  readonly organizationId: string;
  readonly databaseId: string;
  slug: string;
  production: boolean;
  externalId: string | null;
}

const branches = statement(`
  select id, organization_id as "organizationId", database_id as "databaseId", slug, production,
         external_id as "externalId"
    from branches where external_id = any ($1::text[])
  union
  select b.id, b.organization_id, b.database_id, b.slug, b.production, b.external_id
    from unnest($2::uuid[], $3::text[]) as wanted (database_id, slug)
    join branches b on b.database_id = wanted.database_id and b.slug = wanted.slug`);

/** @returns the branches with these external ids anywhere, and with these slugs in these databases. */
export function findSyncedBranches(
  db: Db,
  externalIds: readonly string[],
  databases: readonly { readonly databaseId: string; readonly slug: string }[],
): Promise<SyncedBranch[]> {
  return db.query<SyncedBranch>(branches, [
    externalIds,
    databases.map(({ databaseId }) => databaseId),
    databases.map(({ slug }) => slug),
  ]);
}

const productionCounts = statement(`
  select database_id as id, count(*)::int as count
    from branches where database_id = any ($1::uuid[]) and production group by database_id`);

/** @returns how many production branches each of these databases has, by its id; none is left out. */
export async function countProductionBranches(
  db: Db,
  databaseIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.query<{ id: string; count: number }>(productionCounts, [databaseIds]);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** An account, and its membership in the organization if it has one. */
export interface SyncedMember {
  readonly accountId: string;
  readonly email: string;
  readonly status: string;
  role: string | null;
}

const members = statement(`
  select a.id as "accountId", a.email, a.status, m.role
    from (select id from accounts where email = any ($2::text[])
          union select id from accounts where id = any ($3::uuid[])) found
    join accounts a on a.id = found.id
    left join organization_members m on m.account_id = a.id and m.organization_id = $1`);

/** @returns the accounts with these addresses, in their normal form, or ids. */
export function findSyncedMembers(
  db: Db,
  organizationId: string,
  emails: readonly string[],
  ids: readonly string[],
): Promise<SyncedMember[]> {
  return db.query<SyncedMember>(members, [organizationId, emails, ids]);
}

/** An account with the identity by which it was found. */
export interface SyncedIdentity extends SyncedMember, ExternalIdentity {}

const identities = statement(`
  select i.issuer, i.subject, a.id as "accountId", a.email, a.status, m.role
    from unnest($2::text[], $3::text[]) as wanted (issuer, subject)
    join external_identities i on i.issuer = wanted.issuer and i.subject = wanted.subject
    join accounts a on a.id = i.account_id and a.status <> 'deleted'
    left join organization_members m on m.account_id = a.id and m.organization_id = $1`);

/** @returns the accounts that are bound to these identities. */
export function findSyncedIdentities(
  db: Db,
  organizationId: string,
  wanted: readonly ExternalIdentity[],
): Promise<SyncedIdentity[]> {
  const [issuers, subjects] = [wanted.map((x) => x.issuer), wanted.map((x) => x.subject)];
  return db.query<SyncedIdentity>(identities, [organizationId, issuers, subjects]);
}

/** Rows to be added. */
export interface NewRows {
  readonly databases: readonly SyncedDatabase[];
  readonly branches: readonly SyncedBranch[];
  readonly accounts: readonly {
    readonly id: string;
    readonly email: string;
    readonly name: string;
    /** Whether the platform vouches that the address is theirs. */
    readonly isProven: boolean;
  }[];
  readonly identities: readonly (ExternalIdentity & { readonly accountId: string })[];
  readonly members: readonly { readonly accountId: string; readonly role: OrganizationRole }[];
}

const insertDatabases = statement(`
  insert into databases (organization_id, id, slug, external_id)
  select $1, * from unnest($2::uuid[], $3::text[], $4::text[])`);
const insertBranches = statement(`
  insert into branches (organization_id, database_id, id, slug, production, external_id)
  select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::boolean[], $6::text[])`);
const insertAccounts = statement(`
  insert into accounts (id, email, name, email_verified_at)
  select id, email, name, case when proven then now() end
    from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[]) as added (id, email, name, proven)`);
const insertIdentities = statement(`
  insert into external_identities (issuer, subject, account_id)
  select * from unnest($1::text[], $2::text[], $3::uuid[])`);
const insertMembers = statement(`
  insert into organization_members (organization_id, account_id, role)
  select $1, * from unnest($2::uuid[], $3::text[])`);

/** Adds all of it, in the order in which the tables need each other. */
export async function insertSynced(tx: Db, organizationId: string, rows: NewRows): Promise<void> {
  const { databases: d, branches: b, accounts: a, identities: i, members: m } = rows;
  if (d.length > 0) {
    const columns = [d.map((x) => x.id), d.map((x) => x.slug), d.map((x) => x.externalId)];
    await tx.query(insertDatabases, [organizationId, ...columns]);
  }
  if (b.length > 0) {
    const ids = [b.map((x) => x.databaseId), b.map((x) => x.id)];
    const rest = [b.map((x) => x.slug), b.map((x) => x.production), b.map((x) => x.externalId)];
    await tx.query(insertBranches, [organizationId, ...ids, ...rest]);
  }
  if (a.length > 0) {
    const columns = [a.map((x) => x.id), a.map((x) => x.email), a.map((x) => x.name)];
    await tx.query(insertAccounts, [...columns, a.map((x) => x.isProven)]);
  }
  if (i.length > 0) {
    const columns = [i.map((x) => x.issuer), i.map((x) => x.subject), i.map((x) => x.accountId)];
    await tx.query(insertIdentities, columns);
  }
  if (m.length > 0) {
    const columns = [m.map((x) => x.accountId), m.map((x) => x.role)];
    await tx.query(insertMembers, [organizationId, ...columns]);
  }
}

const changeDatabase = statement(`
  update databases set slug = $3, external_id = $4 where organization_id = $1 and id = $2`);

/** Stores slug and external id of a database that exists. */
export async function updateSyncedDatabase(tx: Db, of: SyncedDatabase): Promise<void> {
  await tx.query(changeDatabase, [of.organizationId, of.id, of.slug, of.externalId]);
}

const changeBranch = statement(`
  update branches set slug = $3, production = $4, external_id = $5
   where organization_id = $1 and id = $2`);

/** Stores slug, kind and external id of a branch that exists. */
export async function updateSyncedBranch(tx: Db, of: SyncedBranch): Promise<void> {
  await tx.query(changeBranch, [of.organizationId, of.id, of.slug, of.production, of.externalId]);
}
