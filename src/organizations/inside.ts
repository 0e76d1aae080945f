/**
 * How everything inside an organization is read and changed.
 *
 *     read     check the actor's rights -> read
 *     change   lock the organization -> check the actor's rights -> the change itself -> the audit event
 *
 * A use case says where it goes in (rights.ts) and fills in the rest, so that it cannot forget a step.
 * For a change the lock comes first: what was read about rights and about the last administrator
 * still holds at the commit. Reading changes nothing, so nothing is locked and nothing is audited,
 * a refusal included.
 *
 * @module
 */

import type { Db, Reader, Work } from '../storage/engine/database.ts';
import { audited, type Change } from './audited.ts';
import type { Entrance } from './rights.ts';

/** @throws {RefusedError} `forbidden`; `not_found`; or what `read` refuses. */
export function readInside<Here, Result>(
  db: Reader,
  entrance: Entrance<Here>,
  read: (tx: Db, here: Here) => Promise<Result>,
): Promise<Result> {
  return db.readTransaction(async (tx) => read(tx, await entrance.enter(tx, { hold: false })));
}

/**
 * @param subject the printed id of what is changed.
 * @throws {RefusedError} the actor may not, or `change` refuses; nothing is changed.
 */
export function changeInside<Here, Result>(
  work: Work,
  entrance: Entrance<Here>,
  subject: string,
  change: (tx: Db, here: Here) => Promise<Change<Result>>,
): Promise<Result> {
  const { actor, act, at } = entrance;
  const deed = { action: act, organizationId: at.organizationId, subject, at };
  return audited(work, actor, deed, async (tx) =>
    change(tx, await entrance.enter(tx, { hold: true })),
  );
}
