/**
 * The `organizations` table, for those who change it; what a member sees of it is in resources.ts.
 *
 * The row of an organization is the lock of all that is inside it: whoever changes members, teams,
 * databases or branches holds it first, so that two changes of one organization never overlap.
 *
 * The organizations of one person, by slug.
 *
 * The `organizations` table as operators list it.
 *
 * @module
 */

import { type ApplicationPolicy, toApplicationPolicy } from '../../decisions/policy.ts';
import { StoredDataError } from '../../lib/errors.ts';
import {
  type BaseRole,
  baseRoleToday,
  type OrganizationRole,
  organizationRoleToday,
} from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { BySlug, Listed, Part } from '../engine/listed.ts';

/** An organization with its settings. */
export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly baseRole: BaseRole;
  readonly applicationPolicy: ApplicationPolicy;
  /** Unverified applications of others reach no production branch without an approval. */
  readonly guardsProduction: boolean;
  /** The longest age in days of what was consented to in it; undefined: none. */
  readonly maxEntryDays: number | undefined;
  /** After so many days without a use, what was consented to in it ends; undefined: never. */
  readonly maxIdleDays: number | undefined;
  /** Why operators suspended it; undefined: they did not. Then nobody is anything in it. */
  readonly suspendedFor: string | undefined;
}

/** A row of `columns`. */
interface OrganizationRow {
  id: string;
  slug: string;
  name: string;
  base_role: string;
  application_policy: string;
  guards_production: boolean;
  max_entry_days: number | null;
  max_idle_days: number | null;
  suspension_reason: string | null;
}

/** What every statement about organizations selects. */
const columns = `id, slug, name, base_role, application_policy, guards_production, max_entry_days,
  max_idle_days, suspension_reason`;

const find = statement(`select ${columns} from organizations where id = $1`);

/** @returns the organization; undefined when there is none. */
export async function findOrganization(db: Db, id: string): Promise<Organization | undefined> {
  const [row] = await db.query<OrganizationRow>(find, [id]);
  return row && toOrganization(row);
}

// "No key": exclusive among those who lock, and no foreign-key check of a token request waits.
const lock = statement(`select ${columns} from organizations where id = $1 for no key update`);

/** As `findOrganization`, and holds the organization until the transaction ends. */
export async function lockOrganization(tx: Db, id: string): Promise<Organization | undefined> {
  const [row] = await tx.query<OrganizationRow>(lock, [id]);
  return row && toOrganization(row);
}

const lockAsMember = statement(`
  select ${columns} from organizations o
   where id = $1 and exists (select from organization_members m
                              where m.organization_id = o.id and m.account_id = $2
                                and m.suspended_at is null)
     for no key update of o`);

/**
 * As `lockOrganization`, for a member who is not suspended: nobody else makes others wait, nor
 * learns from the time it takes whether the organization exists. Whether they are still a member is
 * to be asked under the lock.
 */
export async function lockOrganizationAsMember(
  tx: Db,
  id: string,
  accountId: string,
): Promise<Organization | undefined> {
  const [row] = await tx.query<OrganizationRow>(lockAsMember, [id, accountId]);
  return row && toOrganization(row);
}

const insert = statement(`insert into organizations (id, slug, name) values ($1, $2, $3)`);

/** A new organization, with the settings that every one begins with. */
export type NewOrganization = Pick<Organization, 'id' | 'slug' | 'name'>;

/** @throws {pg.DatabaseError} organizations_slug_key: the slug is taken. */
export async function insertOrganization(tx: Db, organization: NewOrganization): Promise<void> {
  await tx.query(insert, [organization.id, organization.slug, organization.name]);
}

const update = statement(`
  update organizations set slug = $2, name = $3, base_role = $4, application_policy = $5,
    max_entry_days = $6, guards_production = $7, max_idle_days = $8
   where id = $1`);

/** @throws {pg.DatabaseError} organizations_slug_key: the slug is taken. */
export async function updateOrganization(tx: Db, organization: Organization): Promise<void> {
  const { id, slug, name, baseRole, applicationPolicy, guardsProduction } = organization;
  const { maxEntryDays = null, maxIdleDays = null } = organization;
  const policy = [applicationPolicy, maxEntryDays, guardsProduction, maxIdleDays];
  await tx.query(update, [id, slug, name, baseRole, ...policy]);
}

const suspend = statement(`
  update organizations
     set suspension_reason = $2::text, suspended_at = case when $2::text is not null then now() end
   where id = $1`);

/** Suspends the organization for a reason, or ends that. @param reason undefined: it ends. */
export async function setSuspension(tx: Db, id: string, reason: string | undefined): Promise<void> {
  await tx.query(suspend, [id, reason ?? null]);
}

const remove = statement('delete from organizations where id = $1');

/** Deletes an organization with all that is inside it and the applications that it owns. */
export async function deleteOrganization(tx: Db, id: string): Promise<void> {
  await tx.query(remove, [id]);
}

/** @throws {StoredDataError} a setting is none that this program knows. */
function toOrganization(row: OrganizationRow): Organization {
  const { id, slug, name, base_role: baseRole, guards_production: guardsProduction } = row;
  const applicationPolicy = toApplicationPolicy(row.application_policy);
  if (applicationPolicy === undefined) {
    throw new StoredDataError(`organizations.application_policy: "${row.application_policy}"`);
  }
  const maxEntryDays = row.max_entry_days ?? undefined;
  const maxIdleDays = row.max_idle_days ?? undefined;
  const policy = { applicationPolicy, guardsProduction, maxEntryDays, maxIdleDays };
  const suspendedFor = row.suspension_reason ?? undefined;
  return { id, slug, name, baseRole: baseRoleToday(baseRole), ...policy, suspendedFor };
}

const selectOfAccount = `
  select ${columns} from organizations
   where id in (select organization_id from organization_members
                 where account_id = $1 and suspended_at is null)
     and slug > $2`;
const allOfAccount = statement(`${selectOfAccount} order by slug limit $3`);
const ofAccountAndSlug = statement(`${selectOfAccount} and slug = $4 limit $3`);

/** @returns the organizations of which the account is a member who is not suspended. */
export async function listOrganizations(
  db: Db,
  accountId: string,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<Organization>[]> {
  const values = [accountId, after?.[0] ?? '', limit];
  const rows =
    slug === undefined
      ? await db.query<OrganizationRow>(allOfAccount, values)
      : await db.query<OrganizationRow>(ofAccountAndSlug, [...values, slug]);
  return rows.map((row) => ({ position: [row.slug], item: toOrganization(row) }));
}

/** An organization of a person, and their role there. */
export interface OwnOrganization {
  readonly organization: Organization;
  readonly role: OrganizationRole;
}

const ofPerson = statement(`
  select ${columns.replaceAll(/\w+/g, 'o.$&')}, m.role
    from organization_members m
    join organizations o on o.id = m.organization_id
    join accounts a on a.id = m.account_id
   where m.account_id = $1 and m.suspended_at is null and a.status = 'active'
   order by o.slug = $2 desc, o.slug limit $3`);

/**
 * @param slug whose organization comes first, if the person is in it.
 * @returns where the account is an active member, of one moment.
 */
export async function ownOrganizations(
  db: Db,
  accountId: string,
  slug: string,
  limit: number,
): Promise<OwnOrganization[]> {
  const values = [accountId, slug, limit];
  const rows = await db.query<OrganizationRow & { role: string }>(ofPerson, values);
  return rows.map((row) => ({
    organization: toOrganization(row),
    role: organizationRoleToday(row.role),
  }));
}

const askAny = statement('select exists (select from organizations) as "isThere"');

/** @returns whether there is an organization at all. */
export async function hasOrganizations(db: Db): Promise<boolean> {
  return (await db.query<{ isThere: boolean }>(askAny, []))[0]?.isThere === true;
}

/** An organization with how much is in it. */
export interface ListedOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly members: number;
  readonly databases: number;
}

const selectAny = `
  select o.id, o.slug, o.name,
         (select count(*)::int from organization_members m where m.organization_id = o.id) as members,
         (select count(*)::int from databases d where d.organization_id = o.id) as databases
    from organizations o`;
const anyAll = statement(`${selectAny} order by o.slug`);
const anyOfSlug = statement(`${selectAny} where o.slug = $1`);

/** @returns every organization, by slug. */
export function listAllOrganizations(db: Db): Promise<ListedOrganization[]> {
  return db.query<ListedOrganization>(anyAll);
}

/** @returns the organization of that slug; undefined when there is none. */
export async function findOrganizationBySlug(
  db: Db,
  slug: string,
): Promise<ListedOrganization | undefined> {
  return (await db.query<ListedOrganization>(anyOfSlug, [slug]))[0];
}
