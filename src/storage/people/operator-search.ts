/**
 * What operators look for: accounts, organizations and everything that is registered as a client.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Something that was found. */
export interface FoundThing {
  readonly kind: 'account' | 'organization' | 'application' | 'resource_server' | 'service_client';
  /** A UUID, or a client's id. */
  readonly id: string;
  readonly name: string;
  /** An address or a slug; undefined of clients. */
  readonly about: string | null;
  readonly status: string;
}

/** Accounts by their whole address or id, which have indexes; the rest by a part of the name, too. */
const find = statement(`
  (select 'account' as kind, id::text, name, email as about, status from accounts
    where (email = $1 or id::text = $2) and status <> 'deleted' limit $3)
  union all
  (select 'organization', id::text, name, slug,
          case when suspended_at is null then 'active' else 'suspended' end from organizations
    where slug = $1 or id::text = $2 or position($1 in lower(name)) > 0 order by slug limit $3)
  union all
  (select case when resource_server is not null then 'resource_server'
               when scope like '%platform:sync%' then 'service_client'
               else 'application' end, id, name, null, status from clients
    where id = $1 or position($1 in lower(name)) > 0 order by name, id limit $3)`);

/**
 * @param text what was typed, in lower case; @param id a UUID that it prints, or ''.
 * @returns at most so many of each kind.
 */
export function searchAsOperator(
  db: Db,
  { text, id, limit }: { readonly text: string; readonly id: string; readonly limit: number },
): Promise<FoundThing[]> {
  return db.query<FoundThing>(find, [text, id, limit]);
}
