/**
 * The part of a user's tree that fits on one consent page: what matches the search, what stands
 * before what does not, and always what is picked.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { intersect, isEmpty, type ScopeSet } from '../catalogue/scope-set.ts';
import type { StoredEntry } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { resolveResources } from '../storage/tree/resource-lookup.ts';
import {
  branchesOf,
  type MemberBranch,
  type MemberDatabase,
  type MemberOrganization,
  memberDatabases,
  type Part,
} from '../storage/tree/resources.ts';
import { asksAt } from './asked-scope.ts';
import type { Selection } from './offers.ts';
import { branchesOnPage, databasesOnPage, organizationsOnPage } from './page-size.ts';

/** What the page is to be about. */
export interface ExcerptRequest {
  readonly accountId: string;
  /** The asked scopes of the catalogue: kinds of resource without any are left out. */
  readonly scopes: ScopeSet;
  /** The organizations that the account is an active member of. */
  readonly organizations: readonly MemberOrganization[];
  /** What stands. */
  readonly entries: readonly StoredEntry[];
  /**
   * Part of the name of a database or an organization, or `database/branch`. Upper and lower case
   * are one, since slugs are lower case.
   */
  readonly search: string;
  /** What the user had picked when the page is drawn again. */
  readonly selection: Selection | undefined;
}

/** What there is room for, and how much there would be. */
export interface TreeExcerpt {
  readonly organizations: readonly MemberOrganization[];
  readonly organizationsLeftOut: number;
  readonly databases: Part<MemberDatabase>;
  readonly branches: Part<MemberBranch>;
}

const nothing: Part<never> = { items: [], matching: new Map() };

/** @returns the part that fits. */
export async function excerptOfTree(db: Db, request: ExcerptRequest): Promise<TreeExcerpt> {
  const { accountId, scopes: asked, organizations: all } = request;
  const wanted = await wantedIn(db, request);
  const asksBelow = asksAt(asked, 'database') || asksAt(asked, 'branch');
  const isAsked = asksBelow || asksAt(asked, 'organization');
  const terms = termsOf(request.search);
  const [first, also] = [[...wanted.standing], [...wanted.picked]];

  const limit = databasesOnPage(asked, Math.min(all.length, organizationsOnPage));
  const found = asksBelow
    ? await memberDatabases(db, accountId, { search: terms.database, limit, first, also })
    : nothing;
  const matches = ({ id, slug }: MemberOrganization) =>
    slug.includes(terms.database) || (found.matching.get(id) ?? 0) > 0;
  const organizations = isAsked ? fitting(all, matches, wanted) : [];

  const shown = new Set(organizations.map(({ id }) => id));
  const items = found.items.filter(({ organizationId }) => shown.has(organizationId));
  const branches = asksAt(asked, 'branch')
    ? await branchesOf(
        db,
        items.map(({ id }) => id),
        { search: terms.branch, limit: branchesOnPage, first, also },
      )
    : nothing;
  const organizationsLeftOut = isAsked ? all.length - organizations.length : 0;
  return { organizations, organizationsLeftOut, databases: { ...found, items }, branches };
}

/** `shop/main` looks for the branch in the database; a single word for a database. */
function termsOf(search: string): { database: string; branch: string } {
  const words = search.trim().toLowerCase().split('/');
  if (words.length === 1) return { database: words[0] ?? '', branch: '' };
  return { database: words.at(-2) ?? '', branch: words.at(-1) ?? '' };
}

/** The organizations with picks, and of those that match, standing ones first, as many as fit. */
function fitting(
  all: readonly MemberOrganization[],
  matches: (organization: MemberOrganization) => boolean,
  { standing, picked }: Wanted,
): MemberOrganization[] {
  const candidates = all.filter((one) => matches(one) && !picked.has(one.id));
  const room = candidates
    .toSorted((one, other) => Number(standing.has(other.id)) - Number(standing.has(one.id)))
    .slice(0, organizationsOnPage);
  return all.filter((one) => picked.has(one.id) || room.includes(one));
}

/** Ids that the page shows before others: what stands, and, whatever the search says, what is picked. */
interface Wanted {
  readonly standing: ReadonlySet<string>;
  readonly picked: ReadonlySet<string>;
}

async function wantedIn(
  db: Db,
  { accountId, selection, entries, scopes: asked }: ExcerptRequest,
): Promise<Wanted> {
  const standing = entries.filter(({ scopes }) => !isEmpty(intersect(scopes, asked)));
  const picks = selection?.picks ?? [];
  const at = (level: Level) => picks.filter((pick) => pick.level === level).map(({ id }) => id);
  const seen = await resolveResources(db, accountId, {
    organizations: at('organization'),
    databases: at('database'),
    branches: at('branch'),
  });
  return {
    standing: new Set(
      standing.flatMap(({ resource }) =>
        [resource.id, resource.databaseId ?? [], resource.organizationId ?? []].flat(),
      ),
    ),
    picked: new Set(
      seen.flatMap((one) =>
        [
          one.organization.id,
          one.level === 'organization' ? [] : one.database.id,
          one.level === 'branch' ? one.branch.id : [],
        ].flat(),
      ),
    ),
  };
}
