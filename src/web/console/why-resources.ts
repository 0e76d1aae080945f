/**
 * The resources that Why? offers, and the addresses of its questions.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { AskedResource } from '../../organizations/asked-resource.ts';
import { visibleDatabases } from '../../organizations/databases.ts';
import { readInside } from '../../organizations/inside.ts';
import { inDatabase } from '../../organizations/rights.ts';
import { listBranches } from '../../storage/tree/branches.ts';
import type { StoredDatabase } from '../../storage/tree/databases.ts';
import type { ConsoleParts, ConsoleRequest } from './console-page.ts';
import type { Links } from './why-view.ts';

/** @returns what makes addresses of Why? in the organization that is open. */
export const addressesOf = ({ here }: ConsoleRequest): Links => ({
  why: (parameters) => {
    const address = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) address.set(name, value);
    }
    return `${here.base}/why${address.size === 0 ? '' : `?${address}`}`;
  },
});

const mostResources = 12;

/** The databases that the reader sees, as many as fit side by side. */
export async function resourcesOf(
  { db }: ConsoleParts,
  { actor, here }: ConsoleRequest,
): Promise<StoredDatabase[]> {
  const at = { organizationId: here.organization.id };
  const part = { after: undefined, limit: mostResources };
  return (await visibleDatabases(db, actor, at, {}, part)).map(({ item }) => item);
}

/** The branches of a database, as many as fit side by side. */
export async function branchesOf(
  { db }: ConsoleParts,
  { actor, here }: ConsoleRequest,
  databaseId: string,
) {
  const at = { organizationId: here.organization.id, databaseId };
  const part = { after: undefined, limit: mostResources };
  const listed = await readInside(db, inDatabase(actor, 'branches.read', at), (tx) =>
    listBranches(tx, at, {}, part),
  );
  return listed.map(({ item }) => item);
}

/** @returns the resource as the parameters of an address; none of them for the organization itself. */
export function parametersOf({ databaseId, branchId }: AskedResource) {
  return {
    on: databaseId && printId('database', databaseId),
    branch: branchId && printId('branch', branchId),
  };
}
