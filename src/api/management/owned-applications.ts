/**
 * The applications that an organization owns, for its administrators and their managers; and a person's own. A
 * token reaches none of them.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import type { Actor } from '../../organizations/actor.ts';
import { conflict, forbidden, found, invalid, notFound } from '../../organizations/refusals.ts';
import {
  type ChangeOutcome,
  changeOwn,
  deleteOwn,
  findOwn,
  listOwn,
  type RegisterOutcome,
  registerOwn,
} from '../../portal/own-applications.ts';
import { idOf } from '../../portal/owner.ts';
import { findOwnClient } from '../../storage/clients/own-clients.ts';
import type { Db } from '../../storage/engine/database.ts';
import {
  type ApplicationOwners,
  type OwnIds,
  ownerOf,
  ownIdsOf,
  under,
  workOn,
} from './application-owners.ts';
import * as schemas from './owned-application-schemas.ts';
import { printFault, printOwned, typedFrom } from './print-owned.ts';
import { listRoute, route } from './route.ts';

/** The routes of the applications of some owners. */
export const applicationsOf = (of: ApplicationOwners) => [
  listApplications(of),
  createApplication(of),
  readApplication(of),
  changeApplication(of),
  deleteApplication(of),
];

async function current(db: Db, at: OwnIds, actor: Actor) {
  const client = await findOwnClient(db, idOf(ownerOf({ actor, at })), at.ownedClientId);
  return client && printOwned(client);
}

const listApplications = (of: ApplicationOwners) =>
  listRoute({
    id: `list${of.word}Applications`,
    address: `GET ${of.list}`,
    summary: of.ofList,
    ...under(of, 'owned_applications.read'),
    item: schemas.ownedApplication,
    select: async ({ db, actor, at }, { after: [last = ''] = [], limit }) => {
      const { applications: owned } = await listOwn(db, ownerOf({ actor, at }));
      const rest = owned.filter(({ id }) => id > last);
      const sorted = rest.toSorted((one, other) => (one.id < other.id ? -1 : 1));
      return sorted.slice(0, limit).map((item) => ({ position: [item.id], item }));
    },
    print: printOwned,
  });

const createApplication = (of: ApplicationOwners) =>
  route({
    id: `create${of.word}Application`,
    address: `POST ${of.list}`,
    summary: 'Register an application; then add a secret to it',
    description: `Redirect URIs are those of RFC 8252 and RFC 9700. ${of.most}`,
    ...under(of, 'application.created'),
    conflicts: ['too_many'],
    body: schemas.newOwnedApplication,
    status: 201,
    answer: schemas.ownedApplication,
    run: async ({ work, actor, at, body: { kind, ...body }, production }) =>
      registered(
        await registerOwn(work, ownerOf({ actor, at }), {
          id: `app_${newId().replaceAll('-', '')}`,
          typed: typedFrom(body, kind),
          production,
          hasSecret: false,
        }),
      ),
    print: (outcome) => printOwned(registered(outcome).client),
  });

const readApplication = (of: ApplicationOwners) =>
  route({
    id: `read${of.word}Application`,
    address: `GET ${of.application}`,
    summary: 'Read an application of its own',
    ...under(of, 'owned_applications.read'),
    answer: schemas.ownedApplication,
    run: async ({ db, actor, at }) => found(await findOwn(db, ownIdsOf({ actor, at }))),
    print: printOwned,
  });

const changeApplication = (of: ApplicationOwners) =>
  route({
    id: `change${of.word}Application`,
    address: `PUT ${of.application}`,
    summary: 'Change an application, all of it but its kind',
    description: `A redirect URI at another host ends all that people allowed it.${of.ofManagers} Send If-Match, so that nobody’s change is lost.`,
    ...under(of, 'application.updated'),
    body: schemas.ownedApplicationChange,
    answer: schemas.ownedApplication,
    run: async ({ work, actor, at, body, production }) =>
      changed(
        await changeOwn(workOn({ work, actor, at }), ownIdsOf({ actor, at }), {
          version: undefined,
          typed: typedFrom(body, ''),
          production,
        }),
      ),
    print: (outcome) => printOwned(changed(outcome).client),
    current,
  });

const deleteApplication = (of: ApplicationOwners) =>
  route({
    id: `delete${of.word}Application`,
    address: `DELETE ${of.application}`,
    summary: 'Delete an application with its secrets, and all that people allowed it',
    ...under(of, 'application.deleted'),
    status: 204,
    run: ({ work, actor, at }) => deleteOwn(workOn({ work, actor, at }), ownIdsOf({ actor, at })),
    print: ({ outcome }) => there(outcome === 'deleted'),
    current,
  });

/** @throws {RefusedError} `invalid`, `conflict`. */
function registered(outcome: RegisterOutcome) {
  if (outcome.outcome === 'registered') return outcome;
  if (outcome.outcome === 'refused') throw invalid(...outcome.faults.map(printFault));
  throw conflict('too_many');
}

/** @throws {RefusedError} `not_found`, `invalid`, `forbidden` role: a manager may not. */
function changed(outcome: ChangeOutcome) {
  if (outcome.outcome === 'changed') return outcome;
  if (outcome.outcome !== 'refused') throw notFound();
  if (outcome.faults.some(({ reason }) => reason === 'administrator')) throw forbidden('role');
  throw invalid(...outcome.faults.map(printFault));
}

/** @throws {RefusedError} `not_found`. */
function there(isThere: boolean): undefined {
  if (!isThere) throw notFound();
}
