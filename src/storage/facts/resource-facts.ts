/**
 * Everything that decides what a token may do on one resource, and on what is under it.
 *
 * Of a grant of 500 entries only those are read that concern the resource.
 *
 * @module
 */

import { parseScopeSet } from '../../catalogue/scope-set.ts';
import type { ConsentEntry } from '../../decisions/consented-scopes.ts';
import type {
  AccessClass,
  BelowFacts,
  ReachedEntry,
  UseFacts,
} from '../../decisions/effective-scopes.ts';
import { noCeiling } from '../../decisions/policy.ts';
import { uuidArray } from '../engine/binary-arrays.ts';
import { flag, nullable, type RowOf, rows, rowsForm, text, when } from '../engine/columns.ts';
import { type Db, decidingStatement } from '../engine/database.ts';
import {
  namedResource,
  type ResourceReference,
  referenceArrays,
  referenceColumns,
  referenceTypes,
} from '../tree/resource-lookup.ts';
import { questionArrays } from './question-arrays.ts';
import {
  type Found,
  type FoundRows,
  fromLiveTokens,
  inOrder,
  otherScope,
  readScope,
  type TokenFacts,
  type TokenQuestion,
  type TokenRow,
  tokenColumns,
  toTokenFacts,
  withAskers,
} from './token-facts.ts';
import { isInConfines } from './token-inspection.ts';
import {
  accessColumns,
  type BranchRow,
  branchColumns,
  branchFacts,
  databaseColumns,
  databaseFacts,
  type OrganizationRow,
  organizationColumns,
  organizationDatabases,
  organizationFacts,
} from './tree-facts.ts';
import {
  entryColumns,
  type NamedResource,
  type Resource,
  smallestOf,
  storedEntry,
  toAccessClass,
  toBranchClass,
  toEntry,
  toResource,
  toStatus,
  userResource,
} from './tree-rows.ts';

/** A question about one resource. */
export interface ResourceQuestion extends TokenQuestion {
  readonly resource: ResourceReference;
}

/** A live token and the resource that the question named; undefined when there is none. */
export interface ResourceFacts extends TokenFacts {
  readonly target: TargetFacts | undefined;
}

/** The resource, and what decides on it and on what is under it. */
export interface TargetFacts {
  readonly resource: Resource;
  readonly use: UseFacts;
  /** Undefined of a user and of a branch, which have nothing under them. */
  readonly below: BelowFacts | undefined;
}

const stored = storedEntry('o.max_entry_days');

const ofConsent = `from consent_entries e where e.consent_id = live.consent_id and ${isInConfines}`;

/** The entries of the resource itself and of those above it: a look into the index for each. */
const coveringEntries = `
      (values (target.branch_id), (target.database_id), (o.organization_id)) as above (id)
      cross join lateral (select ${stored} ${ofConsent} and e.resource_id = above.id
        offset 0) e`;

const userEntries = `select ${stored} ${ofConsent}
      and e.resource_id is null and q.kind = 'user'`;

/** Of a database the entries of its branches; the user's roles there are those on the database. */
const branchEntries = `
      select ${stored}, b.production, target.direct, target.team,
        null::boolean as has_production, null::boolean as has_development
      from consent_entries e
      cross join lateral (
        select b.production from branches b where b.id = e.branch_id offset 0) b
      where e.consent_id = live.consent_id and ${isInConfines}
        and e.database_id = target.database_id and e.branch_id is not null`;

/** Of an organization the entries of its databases and of their branches. */
const databaseEntries = `
      select ${stored}, under.production, under.direct, under.team,
        under.has_production, under.has_development
      from consent_entries e cross join lateral (${databaseFacts('e')}) under
      where target.database_id is null and e.consent_id = live.consent_id and ${isInConfines}
        and e.organization_id = o.organization_id and e.database_id is not null`;

const coveringColumns = { ...entryColumns, other_scope: otherScope('e.scope') };

/** An entry below: of a branch, or of a database with the kinds of branch that it has. */
const childColumns = {
  ...entryColumns,
  scope: text('e.scope'),
  production: nullable(flag('e.production')),
  ...accessColumns('e'),
};

const ofBranch = {
  ...tokenColumns,
  ...branchColumns('target'),
  ...organizationColumns('o'),
  entries: rows(coveringColumns, `from ${coveringEntries}`),
};

/** `union` makes one of entries that differ in nothing that decides. */
const ofAny = {
  ...tokenColumns,
  ...databaseColumns('target'),
  ...organizationColumns('o'),
  asked_kind: text('q.kind'),
  entries: rows(
    coveringColumns,
    `from (select e.* from ${coveringEntries} union all ${userEntries}) e`,
  ),
  databases: when(
    'o.organization_id is not null and target.database_id is null',
    organizationDatabases('o.organization_id'),
  ),
  children: when(
    'o.organization_id is not null and target.branch_id is null',
    rows(childColumns, `from (${branchEntries} union ${databaseEntries}) e`),
  ),
};

type CoveringRow = RowOf<typeof coveringColumns>;
type ChildRow = RowOf<typeof childColumns>;
type RowOfBranch = RowOf<typeof ofBranch>;
type RowOfAny = RowOf<typeof ofAny>;

const branchForm = rowsForm(ofBranch);
const anyForm = rowsForm(ofAny);

/** A token that is confined to a resource reaches nothing outside of it. */
const isResourceInConfines = (organization: string) => `(live.confined_to is null
        or live.confined_to in (${organization}, target.database_id, target.branch_id))`;

const selectAny = decidingStatement(`${withAskers}
  select ${anyForm.sql} as found
  ${fromLiveTokens(referenceColumns, referenceTypes)}
  left join lateral (${namedResource}) named on true
  left join lateral (${databaseFacts('named')}) target on true
  left join lateral (${organizationFacts('coalesce(target.in_organization, named.organization_id)')}) o
    on num_nonnulls(named.organization_id, named.database_id, named.branch_id) = 1
      and ${isResourceInConfines('coalesce(target.in_organization, named.organization_id)')}`);

/** By far the most questions are about branches by id: their statement does the least. */
const selectBranches = decidingStatement(`${withAskers}
  select ${branchForm.sql} as found
  ${fromLiveTokens(['id'], ['uuid[]'])}
  left join lateral (${branchFacts('q.id')}) target on true
  left join lateral (${organizationFacts('target.in_organization')}) o
    on ${isResourceInConfines('target.in_organization')}`);

/** @returns what was found for each question, in the order of the questions. */
export async function findResourceFacts(
  db: Db,
  questions: readonly ResourceQuestion[],
): Promise<Found<ResourceFacts>[]> {
  const references = questions.map(({ resource }) => resource);
  const ids = references.flatMap((named) => (named.kind === 'branch' ? [named.id] : []));
  const asked = questionArrays(questions);
  if (ids.length === questions.length) {
    const found = await db.query<FoundRows>(selectBranches, [...asked, uuidArray(ids)]);
    return inOrder(questions, branchForm, found, (row) => aboutBranch(row, ids[row.position - 1]));
  }
  const values = [...asked, ...referenceArrays(references)];
  return inOrder(questions, anyForm, await db.query<FoundRows>(selectAny, values), aboutAny);
}

function aboutBranch(row: RowOfBranch, id: string | undefined): ResourceFacts {
  const token = toTokenFacts(row);
  const found = onResource(row, { type: 'branch', id }, token, toCovering(row));
  return { ...token, target: found && { ...found, below: undefined } };
}

function aboutAny(row: RowOfAny): ResourceFacts {
  const token = toTokenFacts(row);
  const entries = toCovering(row);
  if (row.asked_kind === 'user') return { ...token, target: ofUser(entries, token) };
  const found = onResource(row, smallestOf(row), token, entries);
  if (found === undefined) return { ...token, target: undefined };
  const below = found.resource.type === 'branch' ? undefined : belowOf(row, found.use);
  return { ...token, target: { ...found, below } };
}

/** The entries of the resource and of those above it. */
function toCovering(row: TokenRow & { entries: readonly CoveringRow[] | null }): ConsentEntry[] {
  return (row.entries ?? []).map((entry) => toEntry(entry, readScope(entry.other_scope, row)));
}

function ofUser(entries: readonly ConsentEntry[], { accountId, scopes: token }: TokenFacts) {
  const nobody = {
    membership: undefined,
    databaseRoles: { direct: undefined, team: false },
  };
  const use = {
    token,
    entries,
    policy: noCeiling,
    target: { type: 'user' },
    ...nobody,
  } as const;
  return { resource: userResource(accountId), use, below: undefined };
}

/** A resource of the tree; undefined where there is none. */
function onResource(
  row: BranchRow & OrganizationRow,
  named: NamedResource,
  { scopes }: TokenFacts,
  entries: readonly ConsentEntry[],
): Omit<TargetFacts, 'below'> | undefined {
  const resource = toResource(row, row, named);
  if (resource === undefined) return undefined;
  const { type, production } = resource;
  return {
    resource,
    use: {
      ...toStatus(row, scopes),
      entries,
      databaseRoles: { direct: row.direct ?? undefined, team: row.team },
      target: { type, production: production === true },
    },
  };
}

/** What decides under an organization or a database. */
function belowOf(row: RowOfAny, use: UseFacts): BelowFacts {
  const { token, membership, policy, entries, target } = use;
  const databases = row.database_id === null ? (row.databases ?? []) : [row];
  const children = (row.children ?? []).map(
    (child): ReachedEntry => ({
      entry: toEntry(child, parseScopeSet(child.scope)),
      reached: [toReachedChild(child)],
    }),
  );
  const status = { token, membership, policy };
  return { ...status, entries, target, databases: databases.map(toAccessClass), children };
}

function toReachedChild(child: ChildRow): AccessClass {
  if (child.level !== 'branch') return toAccessClass(child);
  const { direct, team, production } = child;
  return toBranchClass({ direct, team, production: production === true });
}
