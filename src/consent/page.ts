/**
 * What the consent page shows to one user for one request: who asks, for what, what is picked, and
 * what can be picked.
 *
 *     what is allowed, or what was chosen -> what is picked -> what else there is, ten at a time
 *
 * Source: RFC 6749 section 3.1 (the user decides), the domain's rules for consents.
 *
 * @module
 */

import {
  intersect,
  isEmpty,
  names,
  type ScopeSet,
  scopeSet,
  scopesAtLevel,
} from '../catalogue/scope-set.ts';
import { scopeOf } from '../catalogue/scopes.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import type {
  EntryResource,
  ResourceKey,
  StoredEntry,
} from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { resolveResources, type SeenResource } from '../storage/tree/resource-lookup.ts';
import { countDatabases } from '../storage/tree/resource-search.ts';
import { asksAt } from './asked-scope.ts';
import type { Choice } from './choice.ts';
import { isWithin } from './confines.ts';
import { type Found, findMore, pathOf, type Search } from './find-resources.ts';
import { firstChoice } from './first-choice.ts';
import { entryResourceOf } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { type BaseRequest, loadPageBase, type PageBase, refusalOf } from './page-base.ts';
import type { Preselected } from './preselect.ts';
import type { OfferedResource } from './resource-offers.ts';

/** Who is asked for what, and how far the page has come. */
export interface PageRequest extends BaseRequest {
  readonly search: Search;
  /** What was chosen when the page is drawn again; undefined on the first view. */
  readonly choice: Choice | undefined;
  /** Scopes to tick instead of those that are. */
  readonly preset?: Preset | undefined;
}

/** Everything that only looks, or all that is asked; both as far as it can be given anywhere. */
export type Preset = 'look' | 'all';

/** Everything that the page shows. */
export interface ConsentPage extends PageBase {
  readonly choice: Choice;
  readonly account: OfferedResource<AccountResource> | undefined;
  /** What is picked, and what was and would lose something; by path. */
  readonly picked: readonly OfferedResource[];
  /** What was picked and is not there any more, or not for this user. */
  readonly gone: readonly ResourceKey[];
  /** How many databases the user sees, by organization. */
  readonly databases: ReadonlyMap<string, number>;
  readonly found: Found;
}

type AccountResource = { readonly level: 'user'; readonly accountId: string };

/** @returns what to show; undefined when there is no such application. */
export async function proposePage(db: Db, request: PageRequest): Promise<ConsentPage | undefined> {
  const base = await loadPageBase(db, request);
  if (base === undefined) return undefined;
  const { accountId } = request;
  const allowed = allowedResources(base);
  const preselected = await base.preselected();
  const ticked = tickedBeside(allowed, preselected, request);
  const picked = confiningResource(base);
  const wanted = request.choice
    ? [...request.choice.picks, ...request.choice.shown]
    : [
        ...allowed,
        ...(picked === undefined ? [] : [picked]),
        ...preselected.first.map(entryResourceOf).filter((key) => ticked.has(keyOf(key))),
      ].map(({ level, id }) => ({ level, id }));
  const seen = (await resolve(db, accountId, wanted)).filter((resource) =>
    isWithin(base.confines, entryResourceOf(resource)),
  );
  const offered = await mapWithPauses(seen, (resource) => base.offers(resource));
  const account = asksAt(base.asked.scopes, 'user')
    ? base.offers({ level: 'user', accountId } as const)
    : undefined;
  const chosen = request.choice ?? firstChoice(base, offered, account, { ticked, picked });
  const { preset } = request;
  const choice = preset === undefined ? chosen : { ...chosen, scopes: presetScopes(base, preset) };
  const there = new Set(seen.map((resource) => keyOf(entryResourceOf(resource))));
  return {
    ...base,
    choice,
    account,
    picked: offered.toSorted((one, other) =>
      pathOf(one.resource) < pathOf(other.resource) ? -1 : 1,
    ),
    gone: choice.picks.filter((pick) => pick.level !== 'user' && !there.has(keyOf(pick))),
    databases: await countDatabases(db, accountId),
    found: await findMore(db, base, { accountId, search: request.search, except: wanted }),
  };
}

/** @returns the resource that the choice is confined to, where something is asked for the whole of it. */
function confiningResource({ confines, asked }: PageBase): EntryResource | undefined {
  const { resource } = confines ?? {};
  return resource && asksAt(asked.scopes, resource.level) ? entryResourceOf(resource) : undefined;
}

/** Of an application that works with one resource nothing is ticked beside what is allowed. */
function tickedBeside(
  allowed: readonly ResourceKey[],
  { ticked }: Preselected,
  { preselection }: PageRequest,
): ReadonlyMap<string, ScopeSet> {
  if (preselection?.isSingle !== true || allowed.length === 0) return ticked;
  const keys = new Set(allowed.map(keyOf));
  return new Map([...ticked].filter(([key]) => keys.has(key)));
}

function presetScopes(base: PageBase, preset: Preset): ScopeSet {
  const wanted = names(base.asked.scopes).filter(
    (name) =>
      (preset === 'all' || scopeOf(name).effect === 'see') &&
      (scopeOf(name).level === 'user' || refusalOf(base, name) === undefined),
  );
  return scopeSet(wanted);
}

/** The resources below the account on which an asked scope is allowed; in a difference, any scope. */
function allowedResources({ entries, asked, isDifference }: PageBase): EntryResource[] {
  const counts = ({ level, scopes }: StoredEntry) =>
    isDifference
      ? asksAt(asked.scopes, level)
      : !isEmpty(intersect(scopes, intersect(asked.scopes, scopesAtLevel[level])));
  const counting = entries.filter((entry) => entry.level !== 'user' && counts(entry));
  return [...new Map(counting.map(({ resource }) => [keyOf(resource), resource])).values()];
}

async function resolve(
  db: Db,
  accountId: string,
  keys: readonly ResourceKey[],
): Promise<SeenResource[]> {
  const at = (level: ResourceKey['level']) => [
    ...new Set(keys.filter((key) => key.level === level).map(({ id }) => id)),
  ];
  const ids = {
    organizations: at('organization'),
    databases: at('database'),
    branches: at('branch'),
  };
  return resolveResources(db, accountId, ids);
}
