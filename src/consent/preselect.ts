/**
 * What a wish of the application comes to for this user: boxes that are ticked at first, or resources
 * that are listed first.
 *
 * What is unknown and what the user cannot reach look alike: nothing comes of it.
 *
 * @module
 */

import {
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  scopesAtLevel,
  union,
} from '../catalogue/scope-set.ts';
import type { Db } from '../storage/engine/database.ts';
import { findNamedPath, type SeenResource } from '../storage/tree/resource-lookup.ts';
import { type Confines, isWithin } from './confines.ts';
import {
  entryResourceOf,
  type GrantabilityFacts,
  grantabilityOn,
  grantableAmong,
} from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import type { Preselection, WishedResource } from './preselection.ts';
import { seenResources } from './seen-resources.ts';

/** What the page starts with. */
export interface Preselected {
  /** Ticked at first, with these scopes and never with production; by `keyOf`. */
  readonly ticked: ReadonlyMap<string, ScopeSet>;
  /** Listed before others, ticked or not. */
  readonly first: readonly SeenResource[];
}

/** Nothing is wished. */
const nothingPreselected: Preselected = { ticked: new Map(), first: [] };

/** What decides about a wish. */
interface PreselectionSetting {
  readonly asked: ScopeSet;
  readonly facts: GrantabilityFacts;
  /** The resource is picked first, and nothing outside of it. */
  readonly confines?: Confines | undefined;
}

function ofConfines(confines: Confines | undefined) {
  if (confines?.resource === undefined) return [];
  const { level } = confines.resource;
  return [{ id: entryResourceOf(confines.resource).id, level, scopes: undefined }];
}

/**
 * @param asked the asked scopes of the catalogue.
 * @returns what the page starts with. Only a verified application, or one that somebody answers for,
 *   gets boxes ticked, and never a production branch.
 */
export async function preselect(
  db: Db,
  accountId: string,
  { resources, isSingle }: Preselection,
  { asked, facts, confines }: PreselectionSetting,
): Promise<Preselected> {
  if (resources.length === 0 && confines?.resource === undefined) return nothingPreselected;
  const wished = [];
  for (const one of resources) wished.push({ ...one, id: await idOf(db, one) });
  const named = [
    ...ofConfines(confines),
    ...wished.flatMap(({ id, level, scopes }) => (id ? [{ id, level, scopes }] : [])),
  ];
  const seen = await seenResources(db, accountId, named);
  const { application } = facts;
  const mayTick = application.isVerified || !application.isUnvouched;
  const ticked = new Map<string, ScopeSet>();
  const first = new Map<string, SeenResource>();
  for (const { id, level, scopes } of named) {
    const key = keyOf({ level, id });
    const resource = seen.get(key);
    if (resource === undefined || resource.level === 'user') continue;
    if (!isWithin(confines, entryResourceOf(resource))) continue;
    first.set(key, resource);
    const beside = grantableAmong(
      grantabilityOn(asked, resource, { ...facts, includesProduction: false }),
    );
    const given = intersect(beside, scopes ?? scopesAtLevel[level]);
    const isProduction = resource.level === 'branch' && resource.branch.production;
    const hasRoom = !isSingle || ticked.size === 0 || ticked.has(key);
    if (mayTick && hasRoom && !isProduction && !isEmpty(given)) {
      ticked.set(key, union(ticked.get(key) ?? emptySet, given));
    }
  }
  return { ticked, first: [...first.values()] };
}

async function idOf(db: Db, { path, level }: WishedResource): Promise<string | undefined> {
  const { organizationId, databaseId, branchId } = await findNamedPath(db, path);
  return {
    organization: organizationId,
    database: databaseId,
    branch: branchId,
  }[level];
}
