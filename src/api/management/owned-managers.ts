/**
 * How an application becomes an organization's, and who looks after it. A token reaches none of it.
 *
 * @module
 */

import { conflict, invalid } from '../../organizations/refusals.ts';
import { type AdoptOutcome, adoptApplication } from '../../portal/adopt.ts';
import { dropManager, managersOf, nameManager } from '../../portal/managers.ts';
import { organizations } from './application-owners.ts';
import type { Call } from './call.ts';
import * as schemas from './owned-application-schemas.ts';
import { printManager, printOwned } from './print-owned.ts';
import { route } from './route.ts';

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

export const managerRoutes = [
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
    id: 'listManagers',
    address: `GET ${organizations.application}/managers`,
    summary: 'The members who look after it, the first named first',
    act: 'owned_applications.read',
    answer: schemas.managers,
    run: ({ db, actor, at }) => managersOf(db, idsOf({ actor, at })),
    print: (listed) => ({ items: listed.map(printManager) }),
  }),
  route({
    id: 'nameManager',
    address: `PUT ${organizations.application}/managers/{member}`,
    summary: 'Name a member as manager',
    act: 'application.manager_added',
    conflicts: ['too_many'],
    answer: schemas.manager,
    run: ({ work, actor, at }) => nameManager(work, idsOf({ actor, at }), at.accountId),
    print: printManager,
  }),
  route({
    id: 'dropManager',
    address: `DELETE ${organizations.application}/managers/{member}`,
    summary: 'Remove a manager, at once; managers can remove themselves',
    act: 'application.manager_removed',
    status: 204,
    run: ({ work, actor, at }) => dropManager(work, idsOf({ actor, at }), at.accountId),
  }),
];

/** @throws {RefusedError} `invalid`: no such application, or not by this token; `conflict`. */
function adopted(outcome: AdoptOutcome) {
  if (outcome.outcome === 'adopted') return outcome;
  if (outcome.outcome === 'too_many') throw conflict('too_many');
  const field = 'registration_access_token';
  throw invalid({ field, message: 'must be that of the application, which must be active' });
}
