/**
 * The `organizations` table, for those who change it; what a member sees of it is in resources.ts.
 *
 * The row of an organization is the lock of all that is inside it: whoever changes members, teams,
 * databases or branches holds it first, so that two changes of one organization never overlap.
 *
 * @module
 */

import type { ApplicationPolicy } from '../../decisions/policy.ts';
import { StoredDataError } from '../../lib/errors.ts';
import { type BaseRole, baseRoleToday } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';

/** An organization with its settings. */
export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly baseRole: BaseRole;
  readonly applicationPolicy: ApplicationPolicy;
}

/** A row of `columns`. */
export interface OrganizationRow {
  id: string;
  slug: string;
  name: string;
  base_role: string;
  application_policy: string;
}

/** What every statement about organizations selects. */
export const columns = 'id, slug, name, base_role, application_policy';

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
  update organizations set slug = $2, name = $3, base_role = $4, application_policy = $5
   where id = $1`);

/** @throws {pg.DatabaseError} organizations_slug_key: the slug is taken. */
export async function updateOrganization(tx: Db, organization: Organization): Promise<void> {
  const { id, slug, name, baseRole, applicationPolicy } = organization;
  await tx.query(update, [id, slug, name, baseRole, applicationPolicy]);
}

const remove = statement('delete from organizations where id = $1');

/** Deletes an organization with all that is inside it and the applications that it owns. */
export async function deleteOrganization(tx: Db, id: string): Promise<void> {
  await tx.query(remove, [id]);
}

/** @throws {StoredDataError} a setting is none that this program knows. */
export function toOrganization(row: OrganizationRow): Organization {
  const { id, slug, name, base_role: baseRole, application_policy: applicationPolicy } = row;
  if (applicationPolicy !== 'open' && applicationPolicy !== 'approval_required') {
    throw new StoredDataError(`organizations.application_policy: "${applicationPolicy}"`);
  }
  return { id, slug, name, baseRole: baseRoleToday(baseRole), applicationPolicy };
}
