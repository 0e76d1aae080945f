/**
 * What somebody sees of databases in the browser: the list; one with its branches; its people. With each
 * comes what they may do there, asked again in the transaction of the act.
 *
 * @module
 */

import { holdsDatabaseRole } from '../members/giving.ts';
import { type DatabaseRole, databaseRoles } from '../members/roles.ts';
import type { Reader } from '../storage/engine/database.ts';
import type { Listed, Part, Position } from '../storage/engine/listed.ts';
import { findMemberId } from '../storage/people/members.ts';
import { type Branch, listBranches } from '../storage/tree/branches.ts';
import {
  type DatabaseIds,
  type DatabaseMember,
  listDatabaseMembers,
  type StoredDatabase,
} from '../storage/tree/databases.ts';
import { managedAmong } from '../storage/tree/managed.ts';
import type { Organization } from '../storage/tree/organizations.ts';
import { listTeamsOfDatabase, type Team } from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import type { BranchAct, DatabaseAct } from './acts.ts';
import { visibleDatabases } from './databases.ts';
import { readInside } from './inside.ts';
import { forbidden } from './refusals.ts';
import {
  inDatabase,
  inOrganization,
  mayDoOnBranch,
  mayDoOnDatabase,
  type OrganizationIds,
} from './rights.ts';

/** Some rows of a list, and where to go on; undefined: nothing follows. */
export interface Some<Item> {
  readonly items: readonly Item[];
  readonly next: Position | undefined;
}

/** @param rows one more than are shown, where more follow. */
function someOf<Item>(rows: readonly Listed<Item>[], limit: number): Some<Item> {
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? shown.at(-1)?.position : undefined;
  return { items: shown.map(({ item }) => item), next };
}

const oneMore = ({ after, limit }: Part): Part => ({ after, limit: limit + 1 });

/** A thing, and whether a platform synchronizes it: then nobody changes it here. */
interface Managed {
  readonly isManaged: boolean;
}

/**
 * @param search characters of a name; empty: all.
 * @throws {RefusedError} `not_found`.
 */
export async function listVisible(
  db: Reader,
  actor: Actor,
  at: OrganizationIds,
  search: string,
  part: Part,
): Promise<Some<StoredDatabase & Managed>> {
  const by = search === '' ? {} : { part: search };
  const { items, next } = someOf(
    await visibleDatabases(db, actor, at, by, oneMore(part)),
    part.limit,
  );
  const managed = await readInside(db, inOrganization(actor, 'databases.read', at), (tx) =>
    managedAmong(
      tx,
      'database',
      items.map(({ id }) => id),
    ),
  );
  return { items: items.map((one) => ({ ...one, isManaged: managed.has(one.id) })), next };
}

/** A branch, and what can be done to it. */
export interface BranchView extends Branch, Managed {
  may(act: BranchAct): boolean;
}

/** A database, and what can be done there. */
export interface DatabaseView extends Managed {
  readonly organization: Organization;
  readonly database: StoredDatabase;
  may(act: DatabaseAct): boolean;
}

/** @throws {RefusedError} `not_found`; `forbidden`. */
export function readDatabaseView(
  db: Reader,
  actor: Actor,
  at: DatabaseIds,
  part: Part,
): Promise<DatabaseView & { readonly branches: Some<BranchView> }> {
  return readInside(db, inDatabase(actor, 'branches.read', at), async (tx, here) => {
    const { organization, database, held } = here;
    const isManaged = (await managedAmong(tx, 'database', [database.id])).has(database.id);
    const found = someOf(await listBranches(tx, at, {}, oneMore(part)), part.limit);
    const managed = await managedAmong(
      tx,
      'branch',
      found.items.map(({ id }) => id),
    );
    const items = found.items.map((branch) => ({
      ...branch,
      isManaged: managed.has(branch.id),
      may: (act: BranchAct) => mayDoOnBranch(held, act, branch.production),
    }));
    const may = (act: DatabaseAct) => mayDoOnDatabase(held, act);
    return { organization, database, isManaged, may, branches: { items, next: found.next } };
  });
}

/** The people of a database, and which roles the reader may give there. */
export interface DatabaseAccess extends DatabaseView {
  readonly people: Some<DatabaseMember>;
  readonly teams: Some<Team>;
  readonly givable: readonly DatabaseRole[];
}

const mostTeams = 20;

/** @throws {RefusedError} `not_found`; `forbidden`. */
export function readDatabaseAccess(
  db: Reader,
  actor: Actor,
  at: DatabaseIds,
  part: Part,
): Promise<DatabaseAccess> {
  return readInside(db, inDatabase(actor, 'database_members.read', at), async (tx, here) => {
    const { organization, database, held } = here;
    const isManaged = (await managedAmong(tx, 'database', [database.id])).has(database.id);
    const people = await listDatabaseMembers(tx, at, undefined, oneMore(part));
    const teams = await listTeamsOfDatabase(tx, at, { after: undefined, limit: mostTeams + 1 });
    return {
      organization,
      database,
      isManaged,
      may: (act) => mayDoOnDatabase(held, act),
      people: someOf(people, part.limit),
      teams: someOf(teams, mostTeams),
      givable: databaseRoles.filter((role) => holdsDatabaseRole(held, role)),
    };
  });
}

/**
 * @param email in its normal form.
 * @returns the id of the member who has that address.
 * @throws {RefusedError} `forbidden`, not_a_member among its reasons; `not_found`.
 */
export function requireMemberId(
  db: Reader,
  actor: Actor,
  at: DatabaseIds,
  email: string,
): Promise<string> {
  return readInside(db, inDatabase(actor, 'database_role.given', at), async (tx) => {
    const id = await findMemberId(tx, at.organizationId, email);
    if (id === undefined) throw forbidden('not_a_member');
    return id;
  });
}
