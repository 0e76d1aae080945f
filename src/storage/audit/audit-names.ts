/**
 * What the printed ids in events are called now.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** The ids to look for, of each kind; all belong to one organization, or are people and applications. */
export interface NamedIds {
  readonly organizationId: string;
  readonly accounts: readonly string[];
  readonly databases: readonly string[];
  readonly branches: readonly string[];
  readonly teams: readonly string[];
  readonly clients: readonly string[];
}

/** A thing, and its name. */
export interface NamedThing {
  readonly kind: 'user' | 'database' | 'branch' | 'team' | 'client';
  readonly id: string;
  readonly name: string;
}

const find = statement(`
  select 'user' as kind, id::text, email as name from accounts
   where id = any($2::uuid[]) and status <> 'deleted'
  union all
  select 'database', id::text, slug from databases
   where id = any($3::uuid[]) and organization_id = $1
  union all
  select 'branch', b.id::text, d.slug || '/' || b.slug
    from branches b join databases d on d.id = b.database_id
   where b.id = any($4::uuid[]) and b.organization_id = $1
  union all
  select 'team', id::text, name from teams where id = any($5::uuid[]) and organization_id = $1
  union all
  select 'client', id, name from clients where id = any($6::text[])`);

/** @returns the names of those that are still there. */
export function findNames(db: Db, ids: NamedIds): Promise<NamedThing[]> {
  const { organizationId, accounts, databases, branches, teams, clients } = ids;
  return db.query<NamedThing>(find, [
    organizationId,
    accounts,
    databases,
    branches,
    teams,
    clients,
  ]);
}
