/**
 * How every change of an organization is made.
 *
 *     lock the organization -> check the actor's rights -> the change itself -> the audit event
 *
 * A use case fills in the change alone, so that it cannot forget the rest. The lock comes first:
 * what was read about rights and about the last administrator still holds at the commit.
 *
 * @module
 */

import type { Database, Db } from '../storage/engine/database.ts';
import type { BranchPlace } from '../storage/tree/branches.ts';
import type { DatabasePlace } from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import type { BranchAct, DatabaseAct, OrganizationAct } from './acts.ts';
import { audited, type Change } from './audited.ts';
import {
  enterBranch,
  enterDatabase,
  enterOrganization,
  type InBranch,
  type InDatabase,
  type InOrganization,
} from './rights.ts';

/** What somebody wants to do, where, and to what. */
interface Wish<Act, Place> {
  readonly act: Act;
  readonly at: Place;
  /** The printed id of what is changed. */
  readonly subject: string;
}

type Work<Here, Result> = (tx: Db, here: Here) => Promise<Change<Result>>;

/** @throws {RefusedError} the actor may not, or `work` refuses; nothing is changed. */
export function changeInsideOrganization<Result>(
  db: Database,
  actor: Actor,
  { act, at, subject }: Wish<OrganizationAct, { readonly organizationId: string }>,
  work: Work<InOrganization, Result>,
): Promise<Result> {
  const { organizationId } = at;
  return audited(db, actor, { action: act, organizationId, subject, at }, async (tx) =>
    work(tx, await enterOrganization(tx, { actor, act, hold: true }, organizationId)),
  );
}

/** @throws {RefusedError} the actor may not, or `work` refuses; nothing is changed. */
export function changeInsideDatabase<Result>(
  db: Database,
  actor: Actor,
  { act, at, subject }: Wish<DatabaseAct, DatabasePlace>,
  work: Work<InDatabase, Result>,
): Promise<Result> {
  const { organizationId } = at;
  return audited(db, actor, { action: act, organizationId, subject, at }, async (tx) =>
    work(tx, await enterDatabase(tx, { actor, act, hold: true }, at)),
  );
}

/** @throws {RefusedError} the actor may not, or `work` refuses; nothing is changed. */
export function changeInsideBranch<Result>(
  db: Database,
  actor: Actor,
  { act, at, subject }: Wish<BranchAct, BranchPlace>,
  work: Work<InBranch, Result>,
): Promise<Result> {
  const { organizationId } = at;
  return audited(db, actor, { action: act, organizationId, subject, at }, async (tx) =>
    work(tx, await enterBranch(tx, { actor, act, hold: true }, at)),
  );
}
