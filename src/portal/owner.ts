/**
 * Whose applications somebody looks after: their own, or those of an organization. Their right is looked
 * at in the transaction of each act.
 *
 * @module
 */

import type { Actor, Person } from '../organizations/actor.ts';
import { audited, type Change } from '../organizations/audited.ts';
import { changeInside, readInside } from '../organizations/inside.ts';
import {
  inOwnedApplication,
  inOwnedApplications,
  inOwnership,
} from '../organizations/owned-applications.ts';
import { type ClientOwner, findOwnClient, type OwnClient } from '../storage/clients/own-clients.ts';
import type { Db, Reader, Work } from '../storage/engine/database.ts';

/** An owner, and who acts for them. */
export type Owner =
  | { readonly actor: Person; readonly organizationId?: undefined }
  | { readonly actor: Actor; readonly organizationId: string };

/** How far the actor's right goes. */
export interface Right {
  /** False of a manager, who opens no new redirect host, asks for no further scope and deletes nothing. */
  readonly isWhole: boolean;
}

/** What is done to an application; the keys are the actions of the audit trail. */
export type OwnerAct =
  | 'application.created'
  | 'application.adopted'
  | 'application.updated'
  | 'application.deleted'
  | 'application.manager_added'
  | 'application.manager_removed'
  | 'client_secret.added'
  | 'client_secret.deleted';

/** What is done to an application that is not the owner's yet. */
const isOfNone: ReadonlySet<OwnerAct> = new Set<OwnerAct>([
  'application.created',
  'application.adopted',
]);

/** Of an account, or of an organization. */
export function idOf({ actor, organizationId }: Owner): ClientOwner {
  return organizationId === undefined ? { accountId: actor.accountId } : { organizationId };
}

/** One of the owner's applications; and what an act names beside it, for the audit trail. */
export interface OwnApplicationIds {
  readonly owner: Owner;
  readonly clientId: string;
  readonly secretId?: string;
  /** A manager's. */
  readonly accountId?: string;
}

/**
 * Does one act, with its audit event, in one transaction.
 *
 * @throws {RefusedError} `forbidden`, `not_found`: the actor may not, in that organization.
 */
export function changeOwned<Result>(
  work: Work,
  { owner, clientId, secretId, accountId }: OwnApplicationIds,
  act: OwnerAct,
  change: (tx: Db, right: Right) => Promise<Change<Result>>,
): Promise<Result> {
  const { actor, organizationId } = owner;
  if (organizationId === undefined) {
    const deed = { action: act, subject: clientId };
    return audited(work, actor, deed, (tx) => change(tx, { isWhole: true }));
  }
  const more = { ownedClientId: clientId, ownedSecretId: secretId, accountId };
  const entrance = isOfNone.has(act)
    ? inOwnership(actor, act, { organizationId })
    : inOwnedApplication(actor, act, { organizationId, ...more });
  return changeInside(work, entrance, clientId, change);
}

/**
 * Looks at an application that is changed only after something slow: who may not change it is refused,
 * and that is told, before.
 *
 * @throws {RefusedError} as `changeOwned`.
 */
export function findForChange(work: Work, ids: OwnApplicationIds): Promise<OwnClient | undefined> {
  return changeOwned(work, ids, 'application.updated', async (tx) => ({
    result: await findOwnClient(tx, idOf(ids.owner), ids.clientId),
  }));
}

/**
 * Reads about one application, or the list.
 *
 * @param clientId undefined: the list.
 * @throws {RefusedError} `forbidden`, `not_found`, as `changeOwned`.
 */
export function readOwned<Result>(
  db: Reader,
  { owner, clientId }: { readonly owner: Owner; readonly clientId?: string },
  read: (tx: Db, right: Right) => Promise<Result>,
): Promise<Result> {
  const { actor, organizationId } = owner;
  if (organizationId === undefined) return db.readTransaction((tx) => read(tx, { isWhole: true }));
  const entrance =
    clientId === undefined
      ? inOwnedApplications(actor, { organizationId })
      : inOwnedApplication(actor, 'owned_applications.read', {
          organizationId,
          ownedClientId: clientId,
        });
  return readInside(db, entrance, read);
}
