/**
 * What a token may do, resource by resource, in the form of RFC 9396.
 *
 * Source: RFC 9396 sections 2 (type, actions, identifier), 7 (token response), 9.2 (introspection).
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import {
  emptySet,
  isEmpty,
  namesWithFormer,
  type ScopeSet,
  union,
  without,
} from '../catalogue/scope-set.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import { entryActions } from '../decisions/effective-scopes.ts';
import { printId } from '../lib/ids.ts';
import type { Db } from '../storage/engine/database.ts';
import { type EntryFacts, findEntriesFacts } from '../storage/facts/entry-facts.ts';
import type { Resource } from '../storage/facts/tree-rows.ts';

/** What a token may do on one resource that the user picked, or on what is under it. */
export interface AuthorizationDetail {
  readonly type: 'usher';
  readonly level: ResourceKind;
  /** The printed id. */
  readonly identifier: string;
  readonly path: string;
  /** Of an organization and a database: whether the user included production branches. */
  readonly production?: boolean;
  /** In catalogue order, never empty: each holds now on something that exists. */
  readonly actions: readonly ScopeName[];
}

/** A picked resource and what its entries of one reach, together, give there now. */
export interface PickedResource {
  readonly resource: Resource;
  readonly includesProduction: boolean;
  readonly actions: ScopeSet;
}

/**
 * @param db the transaction that issued the token, or the database.
 * @returns what a token may do now; nothing for a dead one.
 */
export async function authorizationDetailsOf(
  db: Db,
  tokenHash: Buffer,
): Promise<AuthorizationDetail[]> {
  const tokenDigest = tokenHash.toString('latin1');
  const [found] = await findEntriesFacts(db, [{ tokenDigest, asker: undefined }]);
  return toDetails(pickedResources(found?.facts?.entries() ?? []));
}

/**
 * @returns one element a resource, widest level first, without those that give nothing now. Where
 *   some scopes were given with production and some without, these have an element of their own.
 */
export function pickedResources(entries: readonly EntryFacts[]): PickedResource[] {
  const whole = new Map<string, PickedResource>();
  const part = new Map<string, PickedResource>();
  for (const { resource, reached, status } of entries) {
    const { includesProduction } = reached.entry;
    const picked = includesProduction ? whole : part;
    const before = picked.get(resource.id)?.actions ?? emptySet;
    const actions = union(before, entryActions(reached, status));
    picked.set(resource.id, { resource, includesProduction, actions });
  }
  const rest = Array.from(part.values(), (one) => {
    const given = whole.get(one.resource.id)?.actions;
    return given === undefined ? one : { ...one, actions: without(one.actions, given) };
  });
  return [...whole.values(), ...rest]
    .filter(({ actions }) => !isEmpty(actions))
    .sort(byLevelAndPath);
}

/** @returns the resources as RFC 9396 prints them. */
export function toDetails(picked: readonly PickedResource[]): AuthorizationDetail[] {
  return picked.map(({ resource: { type, id, path }, includesProduction, actions }) => ({
    type: 'usher',
    level: type,
    identifier: printId(type, id),
    path,
    ...((type === 'organization' || type === 'database') && { production: includesProduction }),
    actions: namesWithFormer(actions),
  }));
}

const order = { user: 0, organization: 1, database: 2, branch: 3 } as const;

function byLevelAndPath({ resource: one }: PickedResource, { resource: other }: PickedResource) {
  const isBefore = one.path < other.path;
  return order[one.type] - order[other.type] || (one.path === other.path ? 0 : isBefore ? -1 : 1);
}
