/**
 * Creating an organization: whoever creates it is its first Organization Administrator.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { administratorRole } from '../members/roles.ts';
import { isServiceClient } from '../storage/clients/service-clients.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { holdActiveAccount } from '../storage/people/accounts.ts';
import { insertMember } from '../storage/people/members.ts';
import { insertOrganization, type NewOrganization } from '../storage/tree/organizations.ts';
import type { Actor } from './actor.ts';
import { audited } from './audited.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';
import { forbidden, invalid, notFound } from './refusals.ts';

/** What is asked for. */
export interface NewOrganizationWish extends NameAndSlug {
  /** Who becomes the first administrator; for a service client only, a person becomes it themself. */
  readonly administratorId?: string | undefined;
}

/**
 * @returns the new organization's id.
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden` by token: no scope names it;
 *   `not_found`: the actor is not, or no longer, who may act.
 */
export async function createOrganization(
  work: Work,
  actor: Actor,
  wish: NewOrganizationWish,
): Promise<string> {
  const named = checkNameAndSlug('organization', wish);
  const id = newId();
  const deed = {
    action: 'organization.created',
    organizationId: id,
    subject: printId('organization', id),
  };
  return audited(work, actor, deed, async (tx) => {
    const accountId = await firstAdministrator(tx, actor, wish);
    await storeOrganization(tx, { id, ...named }, accountId);
    const administrator = printId('user', accountId);
    return { result: id, after: { ...named, administrator } };
  });
}

/**
 * Stores a new organization with its first administrator, for an operator.
 *
 * @param named checked by `checkNameAndSlug`.
 * @returns its id.
 * @throws {pg.DatabaseError} organizations_slug_key: the slug is taken.
 */
export async function foundOrganization(
  tx: Db,
  named: NameAndSlug,
  administratorId: string,
): Promise<string> {
  const id = newId();
  await storeOrganization(tx, { id, ...named }, administratorId);
  return id;
}

async function storeOrganization(tx: Db, organization: NewOrganization, accountId: string) {
  await insertOrganization(tx, organization);
  const organizationId = organization.id;
  await insertMember(tx, { organizationId, accountId, role: administratorRole });
}

async function firstAdministrator(tx: Db, actor: Actor, wish: NewOrganizationWish) {
  if (actor.via.kind === 'application') throw forbidden('not_by_token');
  if (actor.via.kind === 'service' && !(await isServiceClient(tx, actor.via.clientId))) {
    throw notFound();
  }
  const accountId = actor.accountId ?? wish.administratorId;
  const account = accountId && (await holdActiveAccount(tx, accountId));
  if (account) return account.id;
  if (actor.accountId !== undefined) throw notFound();
  throw invalid({ field: 'administrator', message: 'must be an active account' });
}
