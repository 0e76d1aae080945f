/**
 * The resource that is asked about, and who may ask.
 *
 * Members ask about themselves. Who manages the people of a database asks about others there, and who
 * manages the members of an organization about everybody.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { permissionSet } from '../catalogue/permission-set.ts';
import { databaseNeeds } from '../catalogue/rules.ts';
import { branchKind, type TargetKind } from '../decisions/target-kinds.ts';
import type { Db, Reader } from '../storage/engine/database.ts';
import { type Branch, findBranch } from '../storage/tree/branches.ts';
import type { StoredDatabase } from '../storage/tree/databases.ts';
import type { Organization } from '../storage/tree/organizations.ts';
import type { Actor } from './actor.ts';
import { readInside } from './inside.ts';
import { forbidden, found } from './refusals.ts';
import { type InDatabase, inDatabase, inOrganization } from './rights.ts';

/** An organization, one of its databases, or one of the branches of that. */
export interface AskedResource {
  readonly organizationId: string;
  readonly databaseId?: string | undefined;
  readonly branchId?: string | undefined;
}

/** The resource that was asked about, as it is now. */
export interface FoundResource {
  readonly organization: Organization;
  readonly database: StoredDatabase | undefined;
  readonly branch: Branch | undefined;
  readonly kind: TargetKind;
}

/**
 * Lets an asker in where the rule above does, and finds the resource.
 *
 * @throws {RefusedError} `not_found`; `forbidden`.
 */
export function readResource<Result>(
  db: Reader,
  { actor, isOwn }: { readonly actor: Actor; readonly isOwn: boolean },
  at: AskedResource,
  read: (tx: Db, on: FoundResource) => Promise<Result>,
): Promise<Result> {
  const { organizationId, databaseId, branchId } = at;
  if (databaseId === undefined) {
    const act = isOwn ? 'organization.read' : 'database_roles.read';
    return readInside(db, inOrganization(actor, act, at), (tx, { organization }) =>
      read(tx, { organization, database: undefined, branch: undefined, kind: 'organization' }),
    );
  }
  const ids = { organizationId, databaseId };
  const entrance = inDatabase(actor, isOwn ? 'own_access.read' : 'access.read', ids);
  return readInside(db, entrance, async (tx, here) => {
    if (!isOwn) checkManages(here);
    const { organization, database } = here;
    if (branchId === undefined) {
      return read(tx, { organization, database, branch: undefined, kind: 'database' });
    }
    const branch = found(await findBranch(tx, { ...ids, branchId }));
    return read(tx, { organization, database, branch, kind: branchKind(branch.production) });
  });
}

/** Who may see the people of a database sees their roles; why they have them is for who gives them. */
function checkManages({ held }: InDatabase): void {
  const needed = permissionSet([databaseNeeds['database_role.given']]);
  if (!isSubset(needed, held)) throw forbidden('role');
}
