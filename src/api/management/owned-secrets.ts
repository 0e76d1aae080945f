/**
 * The secrets of applications that somebody owns. A token reaches none of them.
 *
 * A secret is answered with 200: a 201 is kept to answer its idempotency key again, and nobody keeps a
 * secret.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import { conflict, found, invalid, notFound } from '../../organizations/refusals.ts';
import {
  type AddOutcome,
  addOwnSecret,
  endOwnSecret,
  listOwnSecrets,
} from '../../portal/own-secrets.ts';
import { type ApplicationOwners, ownIdsOf, under, workOn } from './application-owners.ts';
import * as schemas from './owned-application-schemas.ts';
import { printOwnSecret } from './print-owned.ts';
import { route } from './route.ts';

/** The routes of the secrets of some owners' applications. */
export const secretsOf = (of: ApplicationOwners) => [listSecrets(of), addSecret(of), endSecret(of)];

const listSecrets = (of: ApplicationOwners) =>
  route({
    id: `list${of.word}Secrets`,
    address: `GET ${of.application}/secrets`,
    summary: 'When its secrets were made and last used, oldest first',
    ...under(of, 'owned_applications.read'),
    answer: schemas.ownedSecrets,
    run: async ({ db, actor, at }) => found(await listOwnSecrets(db, ownIdsOf({ actor, at }))),
    print: (listed) => ({ items: listed.map(printOwnSecret) }),
  });

const addSecret = (of: ApplicationOwners) =>
  route({
    id: `add${of.word}Secret`,
    address: `POST ${of.application}/secrets`,
    summary: 'Add a secret, shown this once; those before it work on. It has five at most',
    ...under(of, 'client_secret.added'),
    conflicts: ['too_many'],
    body: schemas.secretWish,
    answer: schemas.madeOwnedSecret,
    run: async ({ work, actor, at, body: { name, days } }) => {
      const secretId = newId();
      const wish = { secretId, name, days: days ?? undefined };
      return added(await addOwnSecret(workOn({ work, actor, at }), ownIdsOf({ actor, at }), wish));
    },
    print: (outcome, { at }) => {
      const { secret, id } = added(outcome);
      return { id, client_id: at.ownedClientId, client_secret: secret };
    },
  });

const endSecret = (of: ApplicationOwners) =>
  route({
    id: `end${of.word}Secret`,
    address: `DELETE ${of.application}/secrets/${of.secret}`,
    summary: 'End a secret: the next request that uses it fails',
    ...under(of, 'client_secret.deleted'),
    status: 204,
    run: ({ work, actor, at }) =>
      endOwnSecret(workOn({ work, actor, at }), ownIdsOf({ actor, at }), at.ownedSecretId),
    print: ({ outcome }) => there(outcome === 'ended'),
  });

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

/** @throws {RefusedError} `not_found`. */
function there(isThere: boolean): undefined {
  if (!isThere) throw notFound();
}
