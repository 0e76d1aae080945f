/**
 * The person's own account.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { Actor } from '../../organizations/actor.ts';
import { deleteAccount } from '../../organizations/delete-account.ts';
import { found } from '../../organizations/refusals.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findActiveAccount } from '../../storage/people/accounts.ts';
import { personOf } from './person.ts';
import { route } from './route.ts';
import * as schemas from './schemas.ts';

async function readUser(db: Db, actor: Actor) {
  const { accountId } = personOf(actor);
  const account = await findActiveAccount(db, accountId);
  if (account === undefined) return undefined;
  const { email, name, isEmailVerified } = account;
  return { id: printId('user', accountId), email, name, email_verified: isEmailVerified };
}

export const accountRoutes = [
  route({
    id: 'readUser',
    address: 'GET /user',
    summary: 'Who the person is',
    ways: ['session', 'application'],
    answer: schemas.user,
    run: async ({ db, actor }) => found(await readUser(db, actor)),
  }),
  route({
    id: 'deleteUser',
    address: 'DELETE /user',
    summary: "Delete the person's own account, for good",
    description:
      'It leaves every organization and ends every session and consent. The audit log keeps what was done, without anything personal. Refused to the last administrator of an organization.',
    conflicts: ['last_administrator'],
    status: 204,
    run: ({ work, actor }) => deleteAccount(work, personOf(actor)),
    current: (db, _at, actor) => readUser(db, actor),
  }),
];
