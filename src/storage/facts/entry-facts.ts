/**
 * Every entry of the consent behind a token, with all that decides what it gives now.
 *
 * The organizations that entries are in come once each: what a picked resource costs is the looks
 * into indexes for it, and little more.
 *
 * @module
 */

import { parseScopeSet } from '../../catalogue/scope-set.ts';
import type { ConsentEntry } from '../../decisions/consented-scopes.ts';
import type {
  AccessClass,
  OrganizationStatus,
  ReachedEntry,
} from '../../decisions/effective-scopes.ts';
import { noCeiling } from '../../decisions/policy.ts';
import { entryDaysIn } from '../consents/resting-entries.ts';
import {
  id,
  nullable,
  type RowOf,
  rowForm,
  rows,
  rowsForm,
  text,
  when,
  within,
} from '../engine/columns.ts';
import { type Db, decidingStatement } from '../engine/database.ts';
import { questionArrays } from './question-arrays.ts';
import {
  type Found,
  type FoundRows,
  fromLiveTokens,
  inOrder,
  type TokenFacts,
  type TokenQuestion,
  tokenColumns,
  toTokenFacts,
  withAskers,
} from './token-facts.ts';
import {
  databaseColumns,
  databaseFacts,
  organizationColumns,
  organizationDatabases,
  organizationFacts,
} from './tree-facts.ts';
import {
  entryColumns,
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

/** A live token and the entries of its consent. */
export interface EntriesFacts extends TokenFacts {
  /** Made when they are asked for: of many questions each answer is a piece of work of its own. */
  readonly entries: () => readonly EntryFacts[];
}

/** An entry, the resource that the user picked, and what decides there. */
export interface EntryFacts {
  readonly resource: Resource;
  readonly status: OrganizationStatus;
  readonly reached: ReachedEntry;
}

/** An entry, and the database or branch that it is about. */
const entryWithResource = {
  ...entryColumns,
  scope: text('e.scope'),
  organization_id: nullable(id('e.organization_id')),
  ...databaseColumns('target'),
};

/** The databases of an organization are read where the whole of it was picked. */
const pickedOrganization = {
  ...organizationColumns('o'),
  databases: when('picked.whole', organizationDatabases('o.organization_id')),
};

/**
 * The entries of a consent and their organizations, for the row `live` with its consent, account,
 * client, the client's owner and the age of its grant.
 */
const consentedColumns = {
  entries: rows(
    entryWithResource,
    `from (select ${storedEntry(entryDaysIn('e.organization_id'))}, e.organization_id, e.database_id, e.branch_id
        from consent_entries e where e.consent_id = live.consent_id) e
      cross join lateral (${databaseFacts('e')}) target`,
  ),
  organizations: rows(
    pickedOrganization,
    `from (select e.organization_id, bool_or(e.level = 'organization') as whole
        from consent_entries e
        where e.consent_id = live.consent_id and e.organization_id is not null
        group by e.organization_id) picked
      cross join lateral (${organizationFacts('picked.organization_id')}) o`,
  ),
};

/** A row of it is selected beside others, and read by it. */
export const consentedForm = rowForm(consentedColumns);

type ConsentedRow = RowOf<typeof consentedColumns>;

type EntryRow = RowOf<typeof entryWithResource>;
type PickedRow = RowOf<typeof pickedOrganization>;

/** The consent is read when its entries are asked for. */
const form = rowsForm({ ...tokenColumns, consented: within(consentedColumns) });

const select = decidingStatement(`${withAskers}
  select ${form.sql} as found
  ${fromLiveTokens()}`);

/** @returns what was found for each question, in the order of the questions. */
export async function findEntriesFacts(
  db: Db,
  questions: readonly TokenQuestion[],
): Promise<Found<EntriesFacts>[]> {
  const found = await db.query<FoundRows>(select, questionArrays(questions));
  return inOrder(questions, form, found, (live) => {
    const token = toTokenFacts(live);
    return { ...token, entries: () => toEntries(live.consented, token) };
  });
}

/** For whom entries decide. */
type Holder = Pick<TokenFacts, 'accountId' | 'scopes' | 'confinedTo'>;

/** @returns what decides about each entry for a token with these scopes. */
export function toEntries({ entries, organizations }: ConsentedRow, holder: Holder): EntryFacts[] {
  const picked = new Map(
    (organizations ?? []).map((organization) => [
      organization.organization_id,
      { organization, status: toStatus(organization, holder.scopes) },
    ]),
  );
  return (entries ?? []).filter(isInConfines(holder)).map((row) => {
    const entry = toEntry(row, parseScopeSet(row.scope));
    const found = picked.get(row.organization_id);
    const resource = found && toResource(found.organization, row, smallestOf(row));
    if (found === undefined || resource === undefined) return ofAccount(entry, holder);
    const { organization, status } = found;
    return { resource, status, reached: { entry, reached: toReached(row, organization) } };
  });
}

/** A token that is confined to a resource has what was granted on it and in it. */
function isInConfines({ confinedTo }: Holder) {
  return ({ organization_id, database_id, branch_id }: EntryRow) =>
    confinedTo === undefined || [organization_id, database_id, branch_id].includes(confinedTo);
}

function ofAccount(entry: ConsentEntry, { accountId, scopes: token }: Holder): EntryFacts {
  return {
    resource: userResource(accountId),
    status: { token, membership: undefined, policy: noCeiling },
    reached: { entry, reached: [] },
  };
}

/** The databases that the entry reaches, a branch as the one kind that it is. */
function toReached(row: EntryRow, { databases }: PickedRow): AccessClass[] {
  if (row.database_id === null) return (databases ?? []).map(toAccessClass);
  return [row.branch_id === null ? toAccessClass(row) : toBranchClass(row)];
}
