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
