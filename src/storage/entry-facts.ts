/**
 * Every entry of the consent behind a token, with all that decides what it gives now.
 *
 * Entries come as lines of text, and the organizations that they are in once each: what a picked
 * resource costs is the looks into indexes for it, and little more.
 *
 * @module
 */

import { parseScopeSet } from '../catalogue/scope-set.ts';
import type { ReachedEntry, Standing } from '../decisions/effective-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import type { DatabaseRole } from '../members/roles.ts';
import { type Db, statement } from './database.ts';
import { lineForm, type WrittenLine } from './lines.ts';
import {
  databaseFacts,
  type OrganizationRow,
  organizationDatabases,
  organizationFacts,
} from './place-facts.ts';
import {
  type Resource,
  readJson,
  resourceIn,
  toAccessClass,
  toBranchClass,
  toStanding,
  userResource,
} from './place-rows.ts';
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

/** A live token and the entries of the consent that it stands under. */
export interface EntriesFacts extends TokenFacts {
  readonly entries: readonly EntryFacts[];
}

/** An entry, the resource that the user picked, and what decides there. */
export interface EntryFacts {
  readonly resource: Resource;
  readonly standing: Standing;
  readonly reached: ReachedEntry;
}

/** What `consentedEntries` gives. */
export interface ConsentedRow {
  entries: string | null;
  organizations: OrganizationRow[] | null;
}

/** A line of `entryLines`; what is null in the database is empty here. */
type EntryLine = [
  level: ReachedEntry['entry']['level'],
  version: string,
  agreedProduction: string,
  organizationId: string,
  databaseId: string,
  databaseSlug: string,
  branchId: string,
  branchSlug: string,
  production: string,
  direct: DatabaseRole | '',
  team: string,
  hasProduction: string,
  hasDevelopment: string,
  scope: string,
];

const entryLines = `(select string_agg(concat_ws('|', e.level, e.version,
        coalesce(e.production::text, ''), coalesce(e.organization_id::text, ''),
        coalesce(place.database_id::text, ''), coalesce(place.database_slug, ''),
        coalesce(place.branch_id::text, ''), coalesce(place.branch_slug, ''),
        coalesce(place.production::text, ''), coalesce(place.direct, ''), place.team::text,
        coalesce(place.has_production::text, ''), coalesce(place.has_development::text, ''),
        e.scope), E'\\n')
      from consent_entries e cross join lateral (${databaseFacts('e')}) place
      where e.consent_id = live.consent_id)`;

/** The databases of an organization are read where the whole of it was picked. */
const organizations = `(select json_agg(organization) from (
      select o.*, case when picked.whole then ${organizationDatabases('o.organization_id')}
        end as databases
      from (select e.organization_id, bool_or(e.level = 'organization') as whole
        from consent_entries e
        where e.consent_id = live.consent_id and e.organization_id is not null
        group by e.organization_id) picked
      cross join lateral (${organizationFacts('picked.organization_id')}) o) organization)`;

/**
 * The entries of a consent and their organizations, for the row `live` with its consent, account,
 * client, the client's owner and the age of its grant.
 */
export const consentedEntries = `${entryLines} as entries, ${organizations} as organizations`;

const form = lineForm({ ...tokenColumns, entries: entryLines, organizations });

const select = statement(`${withAskers}
  select ${form.sql}
  ${fromLiveTokens()}`);

/** @returns what was found for each question, in its place. */
export async function findEntriesFacts(
  db: Db,
  questions: readonly TokenQuestion[],
): Promise<Found<EntriesFacts>[]> {
  const rows = await db.query<WrittenLine>(select, questionArrays(questions));
  return inPlace(questions, rows, form, (line) => {
    const token = toTokenFacts(line);
    const consented = {
      entries: line.entries || null,
      organizations: readJson<OrganizationRow[]>(line.organizations),
    };
    return { ...token, entries: toEntries(consented, token) };
  });
}

/** For whom entries decide. */
type Holder = Pick<TokenFacts, 'accountId' | 'scopes'>;

/** @returns what decides about each entry for a token with these scopes. */
export function toEntries(row: ConsentedRow, token: Holder): EntryFacts[] {
  if (row.entries === null) return [];
  const standings = new Map(
    row.organizations?.map((organization) => [
      organization.organization_id ?? '',
      { organization, standing: toStanding(organization, token.scopes) },
    ]),
  );
  return row.entries.split('\n').map((text) => {
    const line = text.split('|') as EntryLine;
    const found = standings.get(line[3]);
    return found === undefined
      ? ofAccount(line, token)
      : inOrganization(line, found.organization, found.standing);
  });
}

function ofAccount(line: EntryLine, { accountId, scopes: token }: Holder): EntryFacts {
  return {
    resource: userResource(accountId),
    standing: { token, membership: undefined, policy: noCeiling },
    reached: { entry: toEntry(line), reached: [] },
  };
}

function inOrganization(
  line: EntryLine,
  organization: OrganizationRow,
  standing: Standing,
): EntryFacts {
  const [, , , , databaseId, databaseSlug, branchId, branchSlug, isProduction] = line;
  const production = isProduction === 'true';
  const resource = resourceIn(line[3], {
    ...organization,
    database_id: databaseId || null,
    database_slug: databaseSlug,
    branch_id: branchId || null,
    branch_slug: branchSlug,
    production,
  });
  const reached = toReached(line, production, organization);
  return { resource, standing, reached: { entry: toEntry(line), reached } };
}

/** The databases that the entry reaches, a branch as the one kind that it is. */
function toReached(line: EntryLine, production: boolean, { databases }: OrganizationRow) {
  const [, , , , databaseId, , branchId, , , direct, team, hasProduction, hasDevelopment] = line;
  if (databaseId === '') return (databases ?? []).map(toAccessClass);
  const roles = { direct: direct || null, team: team === 'true' };
  if (branchId !== '') return [toBranchClass({ ...roles, production })];
  return [
    toAccessClass({
      ...roles,
      has_production: hasProduction === 'true',
      has_development: hasDevelopment === 'true',
    }),
  ];
}

function toEntry([level, version, production, ...rest]: EntryLine) {
  return {
    level,
    scopes: parseScopeSet(rest.at(-1) ?? ''),
    version: Number(version),
    production: production === '' ? undefined : production === 'true',
  };
}
