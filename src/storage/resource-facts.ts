/**
 * Everything that decides what a token may do on one resource, and on what is under it.
 *
 * Of a grant of 500 entries only those are read that concern the resource.
 *
 * @module
 */

import type { ConsentEntry } from '../decisions/consented-scopes.ts';
import type {
  AccessClass,
  BelowFacts,
  ReachedEntry,
  Standing,
  UseFacts,
} from '../decisions/effective-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import { uuidArray } from './binary-arrays.ts';
import { type Db, statement } from './database.ts';
import { lineForm, type WrittenLine } from './lines.ts';
import {
  type AccessRow,
  branchFacts,
  type DatabaseRow,
  databaseFacts,
  type OrganizationRow,
  organizationDatabases,
  organizationFacts,
} from './place-facts.ts';
import {
  branchColumns,
  databaseColumns,
  type EntryRow,
  entryColumns,
  entryLines,
  organizationColumns,
  type Resource,
  readDatabase,
  readEntryLines,
  readJson,
  readOrganization,
  toAccessClass,
  toBranchClass,
  toEntry,
  toReached,
  toResource,
  toStanding,
  userResource,
} from './place-rows.ts';
import {
  namedResource,
  type ResourceReference,
  referenceArrays,
  referenceColumns,
  referenceTypes,
} from './resource-lookup.ts';
import {
  type Found,
  fromLiveTokens,
  inPlace,
  questionArrays,
  type TokenFacts,
  type TokenQuestion,
  tokenColumns,
  toTokenFacts,
  withAskers,
} from './token-facts.ts';

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

/** A resource of the tree. */
type PlaceRow = DatabaseRow & OrganizationRow;

/** An entry below: of a branch, or of a database with the kinds of branch that it has. */
interface ChildRow extends EntryRow, AccessRow {
  production: boolean | null;
}

const ofConsent = 'from consent_entries e where e.consent_id = live.consent_id';

/** The entries of the resource itself and of those above it: a look into the index for each. */
const coveringEntries = `select e.* from
      (values (place.branch_id), (place.database_id), (o.organization_id)) as above (id)
      cross join lateral (select ${entryColumns} ${ofConsent} and e.resource_id = above.id
        offset 0) e`;

const userEntries = `select ${entryColumns} ${ofConsent}
      and e.resource_id is null and q.kind = 'user'`;

/** Of a database the entries of its branches; the user's roles there are those on the database. */
const branchEntries = `
      select ${entryColumns}, b.production, place.direct, place.team,
        null::boolean as has_production, null::boolean as has_development
      from consent_entries e
      cross join lateral (
        select b.production from branches b where b.id = e.branch_id offset 0) b
      where e.consent_id = live.consent_id
        and e.database_id = place.database_id and e.branch_id is not null`;

/** Of an organization the entries of its databases and of their branches. */
const databaseEntries = `
      select ${entryColumns}, under.production, under.direct, under.team,
        under.has_production, under.has_development
      from consent_entries e cross join lateral (${databaseFacts('e')}) under
      where place.database_id is null and e.consent_id = live.consent_id
        and e.organization_id = o.organization_id and e.database_id is not null`;

/** `union` makes one of entries that differ in nothing that decides. */
const entriesBelow = `${branchEntries} union ${databaseEntries}`;

const branchForm = lineForm({
  ...tokenColumns,
  ...branchColumns,
  ...organizationColumns,
  entries: entryLines(coveringEntries),
});

const anyForm = lineForm({
  ...tokenColumns,
  ...databaseColumns,
  ...organizationColumns,
  asked_kind: 'q.kind',
  entries: entryLines(`${coveringEntries} union all ${userEntries}`),
  databases: `case when o.organization_id is not null and place.database_id is null
    then ${organizationDatabases('o.organization_id')} end`,
  children: `case when o.organization_id is not null and place.branch_id is null
    then (select json_agg(child) from (${entriesBelow}) child) end`,
});

type BranchLine = ReturnType<typeof branchForm.read>;
type AnyLine = ReturnType<typeof anyForm.read>;

const selectAny = statement(`${withAskers}
  select ${anyForm.sql}
  ${fromLiveTokens(referenceColumns, referenceTypes)}
  left join lateral (${namedResource}) named on true
  left join lateral (${databaseFacts('named')}) place on true
  left join lateral (${organizationFacts('coalesce(place.in_organization, named.organization_id)')}) o
    on num_nonnulls(named.organization_id, named.database_id, named.branch_id) = 1`);

/** By far the most questions are about branches by id: their statement does the least. */
const selectBranches = statement(`${withAskers}
  select ${branchForm.sql}
  ${fromLiveTokens(['id'], ['uuid[]'])}
  left join lateral (${branchFacts('q.id')}) place on true
  left join lateral (${organizationFacts('place.in_organization')}) o on true`);

/** @returns what was found for each question, in its place. */
export async function findResourceFacts(
  db: Db,
  questions: readonly ResourceQuestion[],
): Promise<Found<ResourceFacts>[]> {
  const references = questions.map(({ resource }) => resource);
  const ids = references.flatMap((named) => (named.kind === 'branch' ? [named.id] : []));
  const asked = questionArrays(questions);
  if (ids.length === questions.length) {
    const rows = await db.query<WrittenLine>(selectBranches, [...asked, uuidArray(ids)]);
    return inPlace(questions, rows, branchForm, (line, place) => aboutBranch(line, ids[place]));
  }
  const values = [...asked, ...referenceArrays(references)];
  const rows = await db.query<WrittenLine>(selectAny, values);
  return inPlace(questions, rows, anyForm, aboutAny);
}

function aboutBranch(line: BranchLine, id: string | undefined): ResourceFacts {
  const token = toTokenFacts(line);
  const row = { ...readOrganization(line), ...readDatabase(line, id) };
  return { ...token, target: ofTree(row, readEntryLines(line.entries, line), token) };
}

function aboutAny(line: AnyLine): ResourceFacts {
  const token = toTokenFacts(line);
  const entries = readEntryLines(line.entries, line);
  if (line.asked_kind === 'user') return { ...token, target: ofUser(entries, token) };
  const row = {
    ...readOrganization(line),
    ...readDatabase(line),
    databases: readJson<AccessRow[]>(line.databases),
  };
  const children = readJson<ChildRow[]>(line.children) ?? [];
  return { ...token, target: ofTree(row, entries, token, children) };
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

function ofTree(
  row: PlaceRow,
  entries: readonly ConsentEntry[],
  { scopes }: TokenFacts,
  children: readonly ChildRow[] = [],
): TargetFacts | undefined {
  const resource = toResource(row);
  if (resource === undefined) return undefined;
  const standing = toStanding(row, scopes);
  const { type, production } = resource;
  const use = {
    ...standing,
    entries,
    databaseRoles: { direct: row.direct ?? undefined, team: row.team },
    target: { type, production: production === true },
  };
  const isLeaf = type === 'branch';
  return {
    resource,
    use,
    below: isLeaf ? undefined : below(row, children, standing, use),
  };
}

function below(
  row: PlaceRow,
  rows: readonly ChildRow[],
  standing: Standing,
  { entries, target }: UseFacts,
): BelowFacts {
  const children = rows.map(
    (child): ReachedEntry => ({
      entry: toEntry(child),
      reached: [toReachedChild(child)],
    }),
  );
  return { ...standing, entries, target, databases: toReached(row), children };
}

function toReachedChild(child: ChildRow): AccessClass {
  return child.level === 'branch'
    ? toBranchClass({ ...child, production: child.production === true })
    : toAccessClass(child);
}
