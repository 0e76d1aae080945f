/**
 * What the role may do that a serving process connects as.
 *
 * A table's owner gets round every privilege, so the tables belong to the role that migrates, and
 * Usher serves as another one: that one reads and adds audit events, in the columns that an event
 * fills (never its number or its time), and changes or deletes none. Written ones are touched by two
 * functions alone, which run as the owner and bind themselves: see the migrations about audit events.
 *
 * @module
 */

import { type DatabaseAddress, type Db, statement } from './database.ts';
import { withKnex } from './knex.ts';

const grants = [
  'grant usage on schema public to ??',
  'revoke all on all tables in schema public from ??',
  'grant select, insert, update, delete on all tables in schema public to ??',
  `revoke insert, update, delete
     on audit_events, knex_migrations, knex_migrations_lock, schema_compatibility from ??`,
  `grant insert (action, outcome, actor_account_id, actor_client_id, organization_id, subject,
                 before, after, address, user_agent) on audit_events to ??`,
  'grant execute on function usher_blank_audit_events(uuid, text) to ??',
  'grant execute on function usher_sweep_audit_events(integer, integer) to ??',
];

/**
 * Gives a role what a serving process needs, and no more; to be done again after each migration.
 *
 * @throws {pg.DatabaseError} there is no such role, or the connection's own does not own the tables.
 */
export function grantServing(address: DatabaseAddress, role: string): Promise<void> {
  return withKnex(address, (db) =>
    db.transaction(async (tx) => {
      for (const grant of grants) await tx.raw(grant, [role]);
    }),
  );
}

const rewrites = statement(`
  select pg_has_role(c.relowner, 'member')
         or has_table_privilege(c.oid, 'update, delete, truncate, trigger') as may
    from pg_class c where c.oid = 'audit_events'::regclass`);

/** Whether the role of this connection could rewrite audit events: the owner and a superuser can. */
export async function mayRewriteAudit(db: Db): Promise<boolean> {
  const [row] = await db.query<{ may: boolean }>(rewrites);
  return row?.may !== false;
}

const lacking = statement(`
  select current_user::text as role, array_agg(missing.name::text order by missing.name) as names
    from (
      select c.relname as name from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
         and c.relowner = (select relowner from pg_class where oid = 'audit_events'::regclass)
         and not (has_table_privilege(c.oid, 'select') and case
           when c.relname = 'audit_events' then has_column_privilege(c.oid, 'action', 'insert')
           when c.relname in ('knex_migrations', 'knex_migrations_lock', 'schema_compatibility') then true
           else has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update')
                and has_table_privilege(c.oid, 'delete') end)
      union all
      select p.proname from pg_proc p
       where p.pronamespace = 'public'::regnamespace
         and p.proname in ('usher_blank_audit_events', 'usher_sweep_audit_events')
         and not has_function_privilege(p.oid, 'execute')) missing
  having count(*) > 0`);

/** A role, and the tables and functions on which it lacks what `grantServing` gives. */
export interface LackingRole {
  readonly role: string;
  readonly names: readonly string[];
}

/** @returns undefined when the role of this connection can serve. */
export async function findLackingRole(db: Db): Promise<LackingRole | undefined> {
  const [row] = await db.query<LackingRole>(lacking);
  return row;
}
