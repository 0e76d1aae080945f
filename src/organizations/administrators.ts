/**
 * An organization keeps at least one Organization Administrator who can act.
 *
 * @module
 */

import { isAdministratorRole } from '../members/roles.ts';
import type { Db } from '../storage/engine/database.ts';
import { hasOtherAdministrator, type Member } from '../storage/people/members.ts';
import { conflict } from './refusals.ts';

/**
 * Checks a change of one member. The caller holds the organization's lock, so of two administrators
 * who go at the same moment the second finds itself the last.
 *
 * @param after how the member will be; undefined when they will be none.
 * @throws {RefusedError} `conflict` last_administrator.
 */
export async function checkAdministratorStays(
  tx: Db,
  before: Member,
  after: Member | undefined,
): Promise<void> {
  if (!canAdminister(before) || (after !== undefined && canAdminister(after))) return;
  if (!(await hasOtherAdministrator(tx, before))) throw conflict('last_administrator');
}

function canAdminister({ role, suspended }: Member): boolean {
  return isAdministratorRole(role) && !suspended;
}
