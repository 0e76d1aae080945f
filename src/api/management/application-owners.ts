/**
 * Whose applications a table of routes is about: an organization's, or a person's own. The operations are the
 * same; where they are, and who may do them, is not.
 *
 *   /organizations/{organization}/owned-applications  its administrators and their managers
 *   /user/applications                                the person alone, in their browser
 *
 * @module
 */

import type { Actor } from '../../organizations/actor.ts';
import type { OrganizationAct } from '../../organizations/acts.ts';
import { found } from '../../organizations/refusals.ts';
import { maxApplications } from '../../portal/own-applications.ts';
import { idOf, type Owner } from '../../portal/owner.ts';
import { findOwnClient } from '../../storage/clients/own-clients.ts';
import type { Work } from '../../storage/engine/database.ts';
import { workUnder } from '../../storage/engine/work.ts';
import { personOf } from './person.ts';

/** An owner of applications as the routes say it. */
export type ApplicationOwners = typeof organizations | typeof people;

/** Applications of an organization. */
export const organizations = {
  /** In the names of operations. */
  word: 'Owned',
  list: '/organizations/{organization}/owned-applications',
  application: '/organizations/{organization}/owned-applications/{owned_application}',
  secret: '{client_secret}',
  most: `An organization has ${maxApplications.organization} applications at most.`,
  ofList: 'The applications that the organization owns, by id; to a manager theirs',
  ofManagers: ' A manager adds no host and no scope.',
  hasActs: true,
} as const;

/** Applications of people. */
export const people = {
  word: 'Personal',
  list: '/user/applications',
  application: '/user/applications/{personal_application}',
  secret: '{personal_secret}',
  most: `A person has ${maxApplications.person} applications at most.`,
  ofList: "The person's own applications, by id",
  ofManagers: '',
  hasActs: false,
} as const;

/** The ids in an address, of a person's own without an organization. */
interface Ids {
  readonly organizationId?: string;
}

/** The ids in the address of one application. */
export interface OwnIds extends Ids {
  readonly ownedClientId: string;
}

/** @throws {RefusedError} `forbidden` not_by_token: a service client has no applications of its own. */
export function ownerOf({ actor, at }: { readonly actor: Actor; readonly at: Ids }): Owner {
  const { organizationId } = at;
  return organizationId === undefined ? { actor: personOf(actor) } : { actor, organizationId };
}

/** Who asks about which application. */
interface Called {
  readonly actor: Actor;
  readonly at: OwnIds;
}

/** One application and its owner. */
export function ownIdsOf({ actor, at }: Called) {
  return { owner: ownerOf({ actor, at }), clientId: at.ownedClientId };
}

/**
 * @returns work that finds out first whether the application is there. In an organization the right to it says
 *   so; a person needs none, and the conditions of a request about nothing are about nothing.
 */
export function workOn({ work, ...call }: Called & { readonly work: Work }): Work {
  const { owner, clientId } = ownIdsOf(call);
  if (owner.organizationId !== undefined) return work;
  return workUnder(work, {
    before: async (tx) => found(await findOwnClient(tx, idOf(owner), clientId)),
  });
}

/** What an operation takes in an organization; a person's own need nothing. */
export function under({ hasActs }: ApplicationOwners, act: OrganizationAct) {
  return hasActs ? { act } : {};
}
