/**
 * The applications that an organization owns, for its administrators and their managers. A token reaches none
 * of it.
 *
 * A secret is answered with 200: a 201 is kept to answer its idempotency key again, and nobody keeps a
 * secret.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import { conflict, forbidden, found, invalid, notFound } from '../../organizations/refusals.ts';
import { type AdoptOutcome, adoptApplication } from '../../portal/adopt.ts';
import { dropManager, managersOf, nameManager } from '../../portal/managers.ts';
import {
  type ChangeOutcome,
  changeOwn,
  deleteOwn,
  findOwn,
  listOwn,
  type RegisterOutcome,
  registerOwn,
} from '../../portal/own-applications.ts';
import {
  type AddOutcome,
  addOwnSecret,
  endOwnSecret,
  listOwnSecrets,
} from '../../portal/own-secrets.ts';
import { findOwnClient } from '../../storage/clients/own-clients.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { Call } from './call.ts';
import * as schemas from './owned-application-schemas.ts';
import { printFault, printManager, printOwned, printOwnSecret, typedFrom } from './print-owned.ts';
import { listRoute, route } from './route.ts';

const applications = '/organizations/{organization}/owned-applications';
const application = `${applications}/{owned_application}` as const;
const secrets = `${application}/secrets` as const;
const manager = `${application}/managers/{member}` as const;

interface Ids {
  readonly organizationId: string;
  readonly ownedClientId: string;
}

const ownerOf = ({ actor, at }: Pick<Call<Pick<Ids, 'organizationId'>>, 'actor' | 'at'>) => ({
  actor,
  organizationId: at.organizationId,
});
const idsOf = ({ actor, at }: Pick<Call<Ids>, 'actor' | 'at'>) => ({
  owner: ownerOf({ actor, at }),
  clientId: at.ownedClientId,
});

async function current(db: Db, { organizationId, ownedClientId }: Ids) {
  const client = await findOwnClient(db, { organizationId }, ownedClientId);
  return client && printOwned(client);
}

export const ownedApplicationRoutes = [
  listRoute({
    id: 'listOwnedApplications',
    address: `GET ${applications}`,
    summary: 'The applications that the organization owns, by id; to a manager theirs',
    act: 'owned_applications.read',
    item: schemas.ownedApplication,
    select: async ({ db, actor, at }, { after: [last = ''] = [], limit }) => {
      const { applications: owned } = await listOwn(db, ownerOf({ actor, at }));
      const rest = owned.filter(({ id }) => id > last);
      const sorted = rest.toSorted((one, other) => (one.id < other.id ? -1 : 1));
      return sorted.slice(0, limit).map((item) => ({ position: [item.id], item }));
    },
    print: printOwned,
  }),
  route({
    id: 'createOwnedApplication',
    address: `POST ${applications}`,
    summary: 'Register an application; then add a secret to it',
    description:
      'Redirect URIs are those of RFC 8252 and RFC 9700. An organization has 100 applications at most.',
    act: 'application.created',
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
  }),
  route({
    id: 'adoptApplication',
    address: 'PUT /organizations/{organization}/adopted-applications/{adoptable}',
    summary: 'Make an application that registered itself one of the organization',
    description:
      'It keeps its id, secrets, consents and tokens, and can ask for what it registered and what people allow it already. Its registration access token ends.',
    act: 'application.adopted',
    conflicts: ['too_many'],
    body: schemas.adoption,
    answer: schemas.ownedApplication,
    run: ({ work, actor, at, body }) =>
      adoptApplication(
        work,
        { owner: ownerOf({ actor, at }), clientId: at.clientId },
        body.registration_access_token,
      ),
    print: (outcome) => printOwned(adopted(outcome).client),
  }),
  route({
    id: 'readOwnedApplication',
    address: `GET ${application}`,
    summary: 'Read an application of its own',
    act: 'owned_applications.read',
    answer: schemas.ownedApplication,
    run: async ({ db, actor, at }) => found(await findOwn(db, idsOf({ actor, at }))),
    print: printOwned,
  }),
  route({
    id: 'changeOwnedApplication',
    address: `PUT ${application}`,
    summary: 'Change an application, all of it but its kind',
    description:
      'A redirect URI at another host ends all that people allowed it. A manager adds no host and no scope. Send If-Match, so that nobody’s change is lost.',
    act: 'application.updated',
    body: schemas.ownedApplicationChange,
    answer: schemas.ownedApplication,
    run: async ({ work, actor, at, body, production }) =>
      changed(
        await changeOwn(work, idsOf({ actor, at }), {
          version: undefined,
          typed: typedFrom(body, ''),
          production,
        }),
      ),
    print: (outcome) => printOwned(changed(outcome).client),
    current,
  }),
  route({
    id: 'deleteOwnedApplication',
    address: `DELETE ${application}`,
    summary: 'Delete an application with its secrets, and all that people allowed it',
    act: 'application.deleted',
    status: 204,
    run: ({ work, actor, at }) => deleteOwn(work, idsOf({ actor, at })),
    print: ({ outcome }) => there(outcome === 'deleted'),
    current,
  }),
  route({
    id: 'listOwnedSecrets',
    address: `GET ${secrets}`,
    summary: 'When its secrets were made and last used, oldest first',
    act: 'owned_applications.read',
    answer: schemas.ownedSecrets,
    run: async ({ db, actor, at }) => found(await listOwnSecrets(db, idsOf({ actor, at }))),
    print: (listed) => ({ items: listed.map(printOwnSecret) }),
  }),
  route({
    id: 'addOwnedSecret',
    address: `POST ${secrets}`,
    summary: 'Add a secret, shown this once; those before it work on. It has five at most',
    act: 'client_secret.added',
    conflicts: ['too_many'],
    body: schemas.secretWish,
    answer: schemas.madeOwnedSecret,
    run: async ({ work, actor, at, body: { name, days } }) => {
      const secretId = newId();
      const wish = { secretId, name, days: days ?? undefined };
      return added(await addOwnSecret(work, idsOf({ actor, at }), wish));
    },
    print: (outcome, { at }) => {
      const { secret, id } = added(outcome);
      return { id, client_id: at.ownedClientId, client_secret: secret };
    },
  }),
  route({
    id: 'endOwnedSecret',
    address: `DELETE ${secrets}/{client_secret}`,
    summary: 'End a secret: the next request that uses it fails',
    act: 'client_secret.deleted',
    status: 204,
    run: ({ work, actor, at }) => endOwnSecret(work, idsOf({ actor, at }), at.ownedSecretId),
    print: ({ outcome }) => there(outcome === 'ended'),
  }),
  route({
    id: 'listManagers',
    address: `GET ${application}/managers`,
    summary: 'The members who look after it, the first named first',
    act: 'owned_applications.read',
    answer: schemas.managers,
    run: ({ db, actor, at }) => managersOf(db, idsOf({ actor, at })),
    print: (listed) => ({ items: listed.map(printManager) }),
  }),
  route({
    id: 'nameManager',
    address: `PUT ${manager}`,
    summary: 'Name a member as manager',
    act: 'application.manager_added',
    conflicts: ['too_many'],
    answer: schemas.manager,
    run: ({ work, actor, at }) => nameManager(work, idsOf({ actor, at }), at.accountId),
    print: printManager,
  }),
  route({
    id: 'dropManager',
    address: `DELETE ${manager}`,
    summary: 'Remove a manager, at once; managers can remove themselves',
    act: 'application.manager_removed',
    status: 204,
    run: ({ work, actor, at }) => dropManager(work, idsOf({ actor, at }), at.accountId),
  }),
];

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

/** @throws {RefusedError} `not_found`, `invalid`, `conflict`. */
function added(outcome: AddOutcome) {
  switch (outcome.outcome) {
    case 'added':
      return outcome;
    case 'too_many':
      throw conflict('too_many');
    case 'bad_name':
      throw invalid({ field: 'name', message: 'must hold no hidden characters' });
    case 'no_secrets':
      throw invalid({ field: 'kind', message: 'must be web: the others keep no secret' });
    default:
      throw notFound();
  }
}

/** @throws {RefusedError} `invalid`: no such application, or not by this token; `conflict`. */
function adopted(outcome: AdoptOutcome) {
  if (outcome.outcome === 'adopted') return outcome;
  if (outcome.outcome === 'too_many') throw conflict('too_many');
  const field = 'registration_access_token';
  throw invalid({ field, message: 'must be that of the application, which must be active' });
}

/** @throws {RefusedError} `not_found`. */
function there(isThere: boolean): undefined {
  if (!isThere) throw notFound();
}
