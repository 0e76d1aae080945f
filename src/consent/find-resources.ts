/**
 * What can be picked beside what is on a consent page already, ten at a time: what was looked for, or
 * while nothing is looked for what the application wishes and the databases that were made last.
 *
 * @module
 */

import { noDatabaseRoles } from '../members/permissions.ts';
import type { ResourceKey } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import type { SeenResource } from '../storage/tree/resource-lookup.ts';
import {
  type ClosedResource,
  countBranches,
  searchResources,
} from '../storage/tree/resource-search.ts';
import { confinedTo } from './confines.ts';
import { entryResourceOf } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { levelsAsked, type PageBase } from './page-base.ts';
import { isOpen, kindOfPickable, type OfferedResource } from './resource-offers.ts';

/** What is looked for, and how many pages of it are passed over. */
export interface Search {
  readonly text: string;
  readonly page: number;
}

/** What can be picked, some of it. */
export interface Found {
  readonly search: Search;
  readonly items: readonly OfferedResource[];
  readonly count: number;
  /** Whether something is on the page already, and so is not found. */
  readonly isBeside: boolean;
  /** How many branches a found database has, where branches can be picked. */
  readonly branches: ReadonlyMap<string, number>;
}

/** How much is found at a time. */
export const foundAtATime = 10;

interface FindRequest {
  readonly accountId: string;
  readonly search: Search;
  /** What is on the page already. */
  readonly except: readonly ResourceKey[];
}

/**
 * Looks for what can be picked: while nothing is looked for, what the application wishes, then only
 * the widest kind but one.
 */
export async function findMore(
  db: Db,
  base: PageBase,
  { accountId, search, except }: FindRequest,
): Promise<Found> {
  const words = wordsOf(search.text);
  const levels = levelsAsked(base);
  const browsed = browsedIn(base, levels);
  const wished = words.length === 0 ? await wishedBeside(base, except) : [];
  const offset = search.page * foundAtATime;
  const ahead = wished.slice(offset, offset + foundAtATime);
  const found = await searchResources(db, accountId, {
    words,
    levels: words.length === 0 ? browsed : levels,
    within: base.confines && confinedTo(base.confines),
    except: [...except, ...wished.map(entryResourceOf)].map(({ id }) => id),
    closed: base.sorts
      .filter((sort) => !isOpen(sort))
      .map(({ resource }) => closedResource(resource)),
    limit: foundAtATime,
    offset: Math.max(0, offset - wished.length),
  });
  const items = [...ahead, ...found.items].slice(0, foundAtATime);
  const databaseIds = items.flatMap((one) => (one.level === 'database' ? one.database.id : []));
  return {
    search,
    items: items.map((resource) => base.offers(resource)),
    count: wished.length + found.count,
    isBeside: except.length > 0,
    branches: await countBranches(db, levels.includes('branch') ? databaseIds : []),
  };
}

/** The widest kind but one; in one database its branches, where they can be picked. */
function browsedIn({ confines }: PageBase, levels: ReturnType<typeof levelsAsked>) {
  const isInDatabase = confines?.resource?.level === 'database';
  return levels.includes('database') && !isInDatabase ? ['database' as const] : levels.slice(-1);
}

/** What the application wishes at the levels that it asks for, and is not on the page. */
async function wishedBeside(base: PageBase, except: readonly ResourceKey[]) {
  const { first } = await base.preselected();
  const taken = new Set(except.map(keyOf));
  const isAsked = ({ level }: SeenResource) => levelsAsked(base).includes(level);
  return first.filter((one) => isAsked(one) && !taken.has(keyOf(entryResourceOf(one))));
}

/** The names of a resource from the organization down, such as `acme/shop/main`. */
export function pathOf(resource: SeenResource): string {
  const { slug } = resource.organization;
  if (resource.level === 'organization') return slug;
  const database = `${slug}/${resource.database.slug}`;
  return resource.level === 'database' ? database : `${database}/${resource.branch.slug}`;
}

const mostWords = 10;

/** Upper and lower case are one. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, mostWords);
}

function closedResource(resource: SeenResource): ClosedResource {
  const { direct, team } =
    resource.level === 'organization' ? noDatabaseRoles : resource.database.roles;
  const kind = kindOfPickable(resource);
  return { organizationId: resource.organization.id, kind, direct, team };
}
