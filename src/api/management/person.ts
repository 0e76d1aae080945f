/**
 * What only a person does: a service client has no account of its own.
 *
 * @module
 */

import type { Actor, Person } from '../../organizations/actor.ts';
import { forbidden } from '../../organizations/refusals.ts';

/** @throws {RefusedError} `forbidden` not_by_token: a service client. */
export function personOf(actor: Actor): Person {
  if (actor.accountId === undefined) throw forbidden('not_by_token');
  return actor;
}
