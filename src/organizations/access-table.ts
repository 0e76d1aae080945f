/**
 * Some members and some databases, with what each member was given on each: where to begin asking.
 *
 * @module
 */

import type { Reader } from '../storage/engine/database.ts';
import { searchMembers } from '../storage/people/member-search.ts';
import type { ListedMember } from '../storage/people/members.ts';
import { listDatabases, type StoredDatabase } from '../storage/tree/databases.ts';
import { findGivenDatabases, type GivenDatabase } from '../storage/tree/holders.ts';
import type { Actor } from './actor.ts';
import { readInside } from './inside.ts';
import { inOrganization, type OrganizationIds } from './rights.ts';

/** How much of it. */
export interface AccessTableWish {
  /** Only whom this means, see storage/people/member-search.ts. */
  readonly search?: string | undefined;
  readonly people: number;
  readonly databases: number;
}

/** Members by when they joined, databases by slug. */
export interface AccessTable {
  readonly people: readonly ListedMember[];
  readonly databases: readonly StoredDatabase[];
  readonly given: readonly GivenDatabase[];
}

/** @throws {RefusedError} `not_found`; `forbidden`: it is for those who manage the members. */
export function readAccessTable(
  db: Reader,
  actor: Actor,
  at: OrganizationIds,
  wish: AccessTableWish,
): Promise<AccessTable> {
  return readInside(db, inOrganization(actor, 'database_roles.read', at), async (tx) => {
    const { organizationId } = at;
    const { search } = wish;
    const first = (limit: number) => ({ after: undefined, limit });
    const question = { search, order: 'joined' } as const;
    const members = await searchMembers(tx, organizationId, question, first(wish.people));
    const found = await listDatabases(tx, organizationId, {}, first(wish.databases));
    const [people, databases] = [members.map(itemOf), found.map(itemOf)];
    const given = await findGivenDatabases(tx, organizationId, {
      accountIds: people.map(({ accountId }) => accountId),
      databaseIds: databases.map(({ id }) => id),
      most: wish.databases,
    });
    return { people, databases, given };
  });
}

function itemOf<Item>({ item }: { readonly item: Item }): Item {
  return item;
}
