/**
 * The managers of an organization's application: members whom its administrators name. They change its
 * texts, its redirect URIs on hosts that it has, and its secrets.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { conflict, forbidden, found } from '../organizations/refusals.ts';
import {
  addManager,
  listManagers,
  type Manager,
  removeManager,
} from '../storage/clients/client-managers.ts';
import { findOwnClient, holdOwnClient } from '../storage/clients/own-clients.ts';
import type { Reader, Work } from '../storage/engine/database.ts';
import { findMember } from '../storage/people/members.ts';
import { changeOwned, idOf, type Owner, readOwned } from './owner.ts';

/** How many an application may have at once: the list is shown whole. */
export const mostManagers = 50;

/** An application of an organization's own. */
export interface ManagedApplicationIds {
  readonly owner: Extract<Owner, { readonly organizationId: string }>;
  readonly clientId: string;
}

/**
 * The managers, the first named first.
 *
 * @throws {RefusedError} `forbidden`, `not_found`.
 */
export function managersOf(db: Reader, ids: ManagedApplicationIds): Promise<Manager[]> {
  return readOwned(db, ids, async (tx) => {
    found(await findOwnClient(tx, idOf(ids.owner), ids.clientId));
    return listManagers(tx, ids.clientId);
  });
}

/**
 * Names a member as manager; one who is, stays.
 *
 * @throws {RefusedError} `forbidden`: the actor's role, also of a manager; not_a_member; `not_found`;
 *   `conflict` too_many.
 */
export function nameManager(
  work: Work,
  ids: ManagedApplicationIds,
  accountId: string,
): Promise<Manager> {
  const at = idsOf(ids, accountId);
  return changeOwned(work, { ...ids, accountId }, 'application.manager_added', async (tx) => {
    found(await holdOwnClient(tx, idOf(ids.owner), at.clientId));
    if ((await findMember(tx, at)) === undefined) throw forbidden('not_a_member');
    const before = await listManagers(tx, at.clientId);
    const known = before.find((one) => one.accountId === accountId);
    if (known !== undefined) return { result: known };
    if (before.length >= mostManagers) throw conflict('too_many');
    await addManager(tx, at);
    const added = await listManagers(tx, at.clientId);
    const result = found(added.find((one) => one.accountId === accountId));
    return { result, after: { manager: printId('user', accountId) } };
  });
}

/**
 * Removes a manager, at once; a manager may remove themselves.
 *
 * @throws {RefusedError} `forbidden`: a manager, about another manager; `not_found`: no manager of that account.
 */
export function dropManager(
  work: Work,
  ids: ManagedApplicationIds,
  accountId: string,
): Promise<void> {
  const at = idsOf(ids, accountId);
  const { actor } = ids.owner;
  return changeOwned(
    work,
    { ...ids, accountId },
    'application.manager_removed',
    async (tx, { isWhole }) => {
      if (!isWhole && actor.accountId !== accountId) throw forbidden('role');
      const isOwn = (await holdOwnClient(tx, idOf(ids.owner), at.clientId)) !== undefined;
      found((isOwn && (await removeManager(tx, at))) || undefined);
      return { result: undefined, before: { manager: printId('user', accountId) } };
    },
  );
}

function idsOf({ owner, clientId }: ManagedApplicationIds, accountId: string) {
  return { organizationId: owner.organizationId, clientId, accountId };
}
