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
    where slug = $1 or id::text = $2 or position($1 in lower(name)) > 0
    order by (slug = $1) desc, slug limit $3)
  union all
  (select case when resource_server is not null then 'resource_server'
               when scope like '%platform:sync%' then 'service_client'
               else 'application' end, id, name, null, status from clients
    where id = $4 or position($1 in lower(name)) > 0
    order by (id = $4) desc, name, id limit $3)`);

/**
 * @param text what was typed: an address, a slug and a name are the same in capitals, a client's id is not.
 * @param id a UUID that it prints, or ''.
 * @returns at most so many of accounts, organizations and clients each, and whether there are more.
 */
export async function searchAsOperator(
  db: Db,
  { text, id, limit }: { readonly text: string; readonly id: string; readonly limit: number },
): Promise<{ readonly found: readonly FoundThing[]; readonly hasMore: boolean }> {
  const rows = await db.query<FoundThing>(find, [text.toLowerCase(), id, limit + 1, text]);
  const table = ({ kind }: FoundThing) =>
    kind === 'account' || kind === 'organization' ? kind : 'client';
  const tables = [...Map.groupBy(rows, table).values()];
  const found = tables.flatMap((ofTable) => ofTable.slice(0, limit));
  return { found, hasMore: found.length < rows.length };
}
