/**
 * Reading inside an organization: the right and what is read come from one transaction.
 *
 *     check the actor's rights -> read
 *
 * Reading changes nothing, so nothing is locked and nothing is audited, a refusal included.
 *
 * @module
 */

import type { Database, Db } from '../storage/engine/database.ts';
import type { BySlug, Listed, Part } from '../storage/engine/listed.ts';
import type { BranchPlace } from '../storage/tree/branches.ts';
import type { DatabasePlace, StoredDatabase } from '../storage/tree/databases.ts';
import { listDatabases, listGivenDatabases } from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import type { DatabaseAct, OrganizationAct } from './acts.ts';
import {
  enterBranch,
  enterDatabase,
  enterOrganization,
  type InBranch,
  type InDatabase,
  type InOrganization,
} from './rights.ts';

type Read<Here, Result> = (tx: Db, here: Here) => Promise<Result>;

/** @throws {RefusedError} `forbidden`; `not_found`. */
export function readInsideOrganization<Result>(
  db: Database,
  actor: Actor,
  act: OrganizationAct,
  organizationId: string,
  read: Read<InOrganization, Result>,
): Promise<Result> {
  return db.readTransaction(async (tx) =>
    read(tx, await enterOrganization(tx, { actor, act, hold: false }, organizationId)),
  );
}

/** @throws {RefusedError} `forbidden`; `not_found`. */
export function readInsideDatabase<Result>(
  db: Database,
  actor: Actor,
  act: DatabaseAct,
  at: DatabasePlace,
  read: Read<InDatabase, Result>,
): Promise<Result> {
  return db.readTransaction(async (tx) =>
    read(tx, await enterDatabase(tx, { actor, act, hold: false }, at)),
  );
}

/** @throws {RefusedError} `forbidden`; `not_found`. */
export function readInsideBranch(db: Database, actor: Actor, at: BranchPlace) {
  const attempt = { actor, act: 'branch.read', hold: false } as const;
  return db.readTransaction(async (tx): Promise<InBranch> => enterBranch(tx, attempt, at));
}

/**
 * @returns the databases that the actor may see: all, where the organization gives its members any
 *   role at all; else those on which they were given one.
 * @throws {RefusedError} `not_found`.
 */
export function visibleDatabases(
  db: Database,
  actor: Actor,
  organizationId: string,
  by: BySlug,
  part: Part,
): Promise<Listed<StoredDatabase>[]> {
  const act = 'databases.read';
  return readInsideOrganization(db, actor, act, organizationId, async (tx, here) => {
    const { accountId } = actor;
    const seesAll = here.asAdministrator || here.organization.baseRole !== 'none';
    if (seesAll || accountId === undefined) return listDatabases(tx, organizationId, by, part);
    return listGivenDatabases(tx, { organizationId, accountId }, by, part);
  });
}
