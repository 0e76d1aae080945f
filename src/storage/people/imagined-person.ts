/**
 * A person who is never there: an account with an organization, a database and two branches, in a transaction
 * that is always undone. What is asked about them is answered by the statements that answer about everybody.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { type Database, type Db, statement } from '../engine/database.ts';

/** What the person may do. */
export interface ImaginedRoles {
  /** On the organization. */
  readonly role: string;
  /** What the organization gives each member on each database. */
  readonly baseRole: string;
  /** Given on the database; undefined: none. */
  readonly databaseRole: string | undefined;
}

const imagine = statement(`
  with account as (
    insert into accounts (id, name, email) values ($1::uuid, 'Nobody', $1::uuid || '@usher.invalid') returning id),
  organization as (
    insert into organizations (id, slug, name, base_role) values ($2, $3, $4, $5) returning id),
  member as (
    insert into organization_members (organization_id, account_id, role)
    select o.id, a.id, $6 from organization o, account a),
  made as (
    insert into databases (organization_id, id, slug)
    select id, $7::uuid, 'orders' from organization returning organization_id, id),
  given as (
    insert into database_roles (organization_id, database_id, account_id, role)
    select d.organization_id, d.id, a.id, $8 from made d, account a where $8::text is not null)
  insert into branches (organization_id, database_id, id, slug, production)
  select d.organization_id, d.id, b.id, b.slug, b.slug = 'main'
    from made d, (values ($9::uuid, 'main'), ($10::uuid, 'dev')) b (id, slug)`);

/**
 * Looks at things as a person with these roles would see them.
 *
 * @param name of their organization.
 * @param look is given what it may ask, and the person's account.
 */
export async function asImaginedPerson<T>(
  db: Database,
  { role, baseRole, databaseRole }: ImaginedRoles,
  name: string,
  look: (tx: Db, accountId: string) => Promise<T>,
): Promise<T> {
  const accountId = randomUUID();
  const slug = `example-${accountId.slice(0, 8)}`;
  const organization = [randomUUID(), slug, name, baseRole, role];
  const inside = [randomUUID(), databaseRole ?? null, randomUUID(), randomUUID()];
  const tx = await db.begin();
  try {
    await tx.query(imagine, [accountId, ...organization, ...inside]);
    return await look(tx, accountId);
  } finally {
    await tx.rollback();
  }
}
