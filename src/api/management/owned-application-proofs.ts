/**
 * Of an application that somebody owns: its logo, the keys by which it proves itself, the proof of its
 * domain, and what happened to it. A token reaches none of it.
 *
 * @module
 */

import type { Actor } from '../../organizations/actor.ts';
import { found, invalid, notFound, throttled } from '../../organizations/refusals.ts';
import { type ProofOutcome, proveDomain, provedAt, recordOf } from '../../portal/domain-proof.ts';
import { summarizeFlow } from '../../portal/flow-summary.ts';
import { maxUploadBytes } from '../../portal/logo-image.ts';
import { findOwn } from '../../portal/own-applications.ts';
import {
  findOwnKeys,
  type KeysOutcome,
  listOwnKeys,
  type OwnKeys,
  proveByKeys,
  proveBySecrets,
  type SecretsOutcome,
} from '../../portal/own-keys.ts';
import { giveLogo, type LogoOutcome, takeLogo } from '../../portal/own-logo.ts';
import { idOf } from '../../portal/owner.ts';
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
import { printActivity } from './print-activity.ts';
import { printLogoFault, printOwned } from './print-owned.ts';
import { route } from './route.ts';

/** The routes of some owners' applications. */
export const proofsOf = (of: ApplicationOwners) => [
  putLogo(of),
  deleteLogo(of),
  readKeys(of),
  putKeys(of),
  deleteKeys(of),
  readDomain(of),
  checkDomain(of),
  readActivity(of),
];

const anHour = 60 * 60;
const whichever = { version: undefined };

function printKeys({ uri, keys }: OwnKeys) {
  return { jwks_uri: uri ?? null, keys: [...(keys ?? [])] };
}

async function currentKeys(db: Db, at: OwnIds, actor: Actor) {
  const keys = await findOwnKeys(db, idOf(ownerOf({ actor, at })), at.ownedClientId);
  return keys && printKeys(keys);
}

const putLogo = (of: ApplicationOwners) =>
  route({
    id: `put${of.word}Logo`,
    address: `PUT ${of.application}/logo`,
    summary: 'Set its logo, made of a picture; it replaces the one it has',
    description:
      'The picture is decoded and encoded anew; SVG is not taken. Of one application 60 an hour are.',
    ...under(of, 'application.updated'),
    isLimited: true,
    body: schemas.logoPicture,
    maxBytes: 2 * maxUploadBytes,
    answer: schemas.ownedApplication,
    run: async ({ work, actor, at, body: { image } }) =>
      withLogo(
        await giveLogo(
          workOn({ work, actor, at }),
          ownIdsOf({ actor, at }),
          Buffer.from(image, 'base64'),
        ),
      ),
    print: ({ client }) => printOwned(client),
  });

const deleteLogo = (of: ApplicationOwners) =>
  route({
    id: `delete${of.word}Logo`,
    address: `DELETE ${of.application}/logo`,
    summary: 'Take its logo; without one nothing happens',
    ...under(of, 'application.updated'),
    status: 204,
    run: async ({ work, actor, at }) =>
      withLogo(await takeLogo(workOn({ work, actor, at }), ownIdsOf({ actor, at }))),
    print: () => undefined,
  });

const readKeys = (of: ApplicationOwners) =>
  route({
    id: `read${of.word}Keys`,
    address: `GET ${of.application}/keys`,
    summary: 'The public keys by which it proves itself; none where it does by secrets',
    ...under(of, 'owned_applications.read'),
    answer: schemas.ownedKeys,
    run: async ({ db, actor, at }) => found(await listOwnKeys(db, ownIdsOf({ actor, at }))),
    print: printKeys,
  });

const putKeys = (of: ApplicationOwners) =>
  route({
    id: `put${of.word}Keys`,
    address: `PUT ${of.application}/keys`,
    summary: 'Have it prove itself by these keys from now on, and by no others; its secrets end',
    description:
      'Either `jwks` or `jwks_uri` (private_key_jwt, RFC 7523). A private key is refused.',
    ...under(of, 'application.updated'),
    body: schemas.keyWish,
    status: 204,
    run: async ({ work, actor, at, body, production }) =>
      withKeys(
        await proveByKeys(workOn({ work, actor, at }), ownIdsOf({ actor, at }), {
          ...whichever,
          typed: {
            jwks: body.jwks === null ? '' : JSON.stringify(body.jwks),
            jwksUri: body.jwks_uri ?? '',
          },
          production,
        }),
      ),
    print: () => undefined,
    current: currentKeys,
  });

const deleteKeys = (of: ApplicationOwners) =>
  route({
    id: `delete${of.word}Keys`,
    address: `DELETE ${of.application}/keys`,
    summary: 'Have it prove itself by secrets again; the first is shown this once',
    ...under(of, 'application.updated'),
    answer: schemas.firstSecret,
    run: async ({ work, actor, at }) =>
      bySecrets(
        await proveBySecrets(workOn({ work, actor, at }), ownIdsOf({ actor, at }), whichever),
      ),
    print: ({ secret }, { at }) => ({ client_id: at.ownedClientId, client_secret: secret }),
    current: currentKeys,
  });

const readDomain = (of: ApplicationOwners) =>
  route({
    id: `read${of.word}Domain`,
    address: `GET ${of.application}/domain`,
    summary: 'The record that proves the domain of its home page, and since when it is proved',
    description: 'Without a home page on the Internet there is none.',
    ...under(of, 'owned_applications.read'),
    answer: schemas.ownedDomain,
    run: async ({ db, actor, at, issuer }) => {
      const client = found(await findOwn(db, ownIdsOf({ actor, at })));
      const record = found(recordOf(issuer, client));
      return { ...record, provedAt: await provedAt(db, client) };
    },
    print: ({ host, name, text, provedAt: since }) => ({
      host,
      record: { type: 'TXT' as const, name, value: text },
      proved_at: since?.toISOString() ?? null,
    }),
  });

const checkDomain = (of: ApplicationOwners) =>
  route({
    id: `check${of.word}Domain`,
    address: `POST ${of.application}/domain/check`,
    summary: 'Look the record up; once it is there, people see the domain when they are asked',
    description: 'At most 30 times an hour. What is not found changes nothing.',
    ...under(of, 'application.updated'),
    isLimited: true,
    answer: schemas.domainCheck,
    run: async ({ work, actor, at, issuer, findTexts }) => {
      const parts = { issuer, findTexts };
      const outcome = checked(
        await proveDomain(parts, workOn({ work, actor, at }), ownIdsOf({ actor, at })),
      );
      return outcome.outcome === 'proved' ? outcome : work.run(async () => outcome);
    },
    print: (result) => ({
      outcome: result.outcome,
      found: result.outcome === 'not_found' ? [...result.found] : [],
    }),
  });

const readActivity = (of: ApplicationOwners) =>
  route({
    id: `read${of.word}Activity`,
    address: `GET ${of.application}/activity`,
    summary: 'What happened to it in 30 days, and what goes wrong; never whose request it was',
    description:
      'Reasons are explained at `/errors#{reason}`. What a node has counted is written about once a second.',
    ...under(of, 'owned_applications.read'),
    answer: schemas.ownedActivity,
    run: async ({ db, actor, at }) => {
      const client = found(await findOwn(db, ownIdsOf({ actor, at })));
      return summarizeFlow(db, client.id);
    },
    print: printActivity,
  });

/** @throws {RefusedError} `not_found`, `invalid`, `throttled`. */
function withLogo(outcome: LogoOutcome) {
  if (outcome.outcome === 'changed') return outcome;
  if (outcome.outcome === 'refused') throw invalid(printLogoFault(outcome.reason));
  throw outcome.outcome === 'too_often' ? throttled(anHour) : notFound();
}

/** @throws {RefusedError} `not_found`, `invalid`. */
function withKeys(outcome: KeysOutcome) {
  if (outcome.outcome === 'changed') return outcome;
  if (outcome.outcome === 'refused') {
    const { field, key, reason } = outcome.fault;
    const name = field === 'jwksUri' ? 'jwks_uri' : 'jwks';
    const where = key === undefined ? name : `${name}.keys.${key}`;
    throw invalid({ field: where, message: keyMessages[reason] ?? reason });
  }
  if (outcome.outcome === 'keeps_nothing') throw keepsNothing();
  throw notFound();
}

/** Reasons that are names; all others complete "The field ..." already. */
const keyMessages: Readonly<Record<string, string>> = {
  missing: 'must be there, or jwks_uri',
  both: 'must not be there beside jwks',
  too_long: 'must have at most 16384 characters',
  private: 'must hold public keys alone: make a new one, this one is known to others now',
  none: 'must hold a key that can sign',
};

/** @throws {RefusedError} `not_found`: also where it does so already; `invalid`. */
function bySecrets(outcome: SecretsOutcome) {
  if (outcome.outcome === 'changed') return outcome;
  throw outcome.outcome === 'keeps_nothing' ? keepsNothing() : notFound();
}

function keepsNothing() {
  return invalid({ field: 'kind', message: 'must be web: the others keep no secret and no key' });
}

/** @throws {RefusedError} `not_found`, `invalid`: it has no home page; `throttled`. */
function checked(outcome: ProofOutcome) {
  switch (outcome.outcome) {
    case 'too_often':
      throw throttled(anHour);
    case 'no_home_page':
      throw invalid({ field: 'home_page', message: 'must be a site on the Internet' });
    case 'unknown':
      throw notFound();
    default:
      return outcome;
  }
}
