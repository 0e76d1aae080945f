/** The use cases of the applications that an organization owns, as rows of use-cases.ts. */

import { newId } from '../../src/lib/ids.ts';
import type { Actor } from '../../src/organizations/actor.ts';
import { adoptApplication } from '../../src/portal/adopt.ts';
import { dropManager, nameManager } from '../../src/portal/managers.ts';
import { changeOwn, deleteOwn, listOwn, registerOwn } from '../../src/portal/own-applications.ts';
import { addOwnSecret, endOwnSecret } from '../../src/portal/own-secrets.ts';
import type { Database } from '../../src/storage/engine/database.ts';
import { typedApplication } from './typed-application.ts';
import type { UseCase } from './use-case.ts';
import type { Ids } from './world.ts';

const production = false;

/** The application that the organization's rows are about, and its one secret. */
const of = ({ organizationId }: Ids) => ({
  clientId: `app_${organizationId.replaceAll('-', '')}`,
  secretId: organizationId,
});

function owned(actor: Actor, ids: Ids) {
  return { owner: { actor, organizationId: ids.organizationId }, clientId: of(ids).clientId };
}

async function register(db: Database, actor: Actor, ids: Ids): Promise<void> {
  const { owner, clientId: id } = owned(actor, ids);
  await registerOwn(db, owner, { id, typed: typedApplication, production });
}

async function addSecret(db: Database, actor: Actor, ids: Ids): Promise<void> {
  const wish = { secretId: of(ids).secretId, name: '', days: undefined };
  await addOwnSecret(db, owned(actor, ids), wish);
}

const alike = {
  may: ['admin'],
  takes: [],
  token: false,
  service: true,
} as const satisfies Partial<UseCase>;

/** One row for each act. */
export const ownedUseCases: readonly UseCase[] = [
  {
    ...alike,
    act: 'owned_applications.read',
    run: (db, actor, ids) => listOwn(db, owned(actor, ids).owner),
  },
  {
    ...alike,
    act: 'application.created',
    run: (db, actor, ids) =>
      registerOwn(db, owned(actor, ids).owner, {
        id: `app_${newId()}`,
        typed: typedApplication,
        production,
      }),
  },
  {
    ...alike,
    act: 'application.adopted',
    run: (db, actor, ids) => adoptApplication(db, owned(actor, ids), 'no-token-of-it'),
  },
  {
    ...alike,
    act: 'application.updated',
    first: register,
    run: (db, actor, ids) =>
      changeOwn(db, owned(actor, ids), { version: 1, typed: typedApplication, production }),
  },
  {
    ...alike,
    act: 'application.deleted',
    first: register,
    run: (db, actor, ids) => deleteOwn(db, owned(actor, ids)),
  },
  {
    ...alike,
    act: 'application.manager_added',
    takes: ['accountId'],
    first: register,
    run: (db, actor, ids) => nameManager(db, owned(actor, ids), ids.accountId),
  },
  {
    ...alike,
    act: 'application.manager_removed',
    takes: ['accountId'],
    first: async (db, actor, ids) => {
      await register(db, actor, ids);
      await nameManager(db, owned(actor, ids), ids.accountId);
    },
    run: (db, actor, ids) => dropManager(db, owned(actor, ids), ids.accountId),
  },
  { ...alike, act: 'client_secret.added', first: register, run: addSecret },
  {
    ...alike,
    act: 'client_secret.deleted',
    first: async (db, actor, ids) => {
      await register(db, actor, ids);
      await addSecret(db, actor, ids);
    },
    run: (db, actor, ids) => endOwnSecret(db, owned(actor, ids), of(ids).secretId),
  },
];
