/**
 * Every entry of the consent behind a token, with all that decides what it gives now.
 *
 * @module
 */

import type { ReachedEntry, Standing } from '../decisions/effective-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import { type Db, statement } from './database.ts';
import {
  type DatabaseRow,
  databaseFacts,
  type OrganizationRow,
  organizationDatabases,
  organizationFacts,
} from './place-facts.ts';
import {
  type EntryRow,
  entryColumns,
  type Resource,
  toEntry,
  toReached,
  toResource,
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
  type TokenRow,
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

type PickedRow = EntryRow & DatabaseRow & OrganizationRow;

interface EntriesRow extends TokenRow {
  entries: PickedRow[] | null;
}

const select = statement(`${withAskers}
  select ${tokenColumns},
    (select json_agg(picked) from (
      select ${entryColumns}, place.*, o.*,
        case when e.level = 'organization' then ${organizationDatabases('e.organization_id')}
        end as databases
      from consent_entries e
      cross join lateral (${databaseFacts('e')}) place
      left join lateral (${organizationFacts('e.organization_id')}) o on true
      where e.consent_id = live.consent_id) picked) as entries
  ${fromLiveTokens()}`);

/** @returns what was found for each question, in its place. */
export async function findEntriesFacts(
  db: Db,
  questions: readonly TokenQuestion[],
): Promise<Found<EntriesFacts>[]> {
  const rows = await db.query<EntriesRow>(select, questionArrays(questions));
  return inPlace(questions, rows, (row) => {
    const token = toTokenFacts(row);
    return {
      ...token,
      entries: (row.entries ?? []).map((entry) => toEntryFacts(entry, token)),
    };
  });
}

function toEntryFacts(row: PickedRow, { accountId, scopes: token }: TokenFacts): EntryFacts {
  const entry = toEntry(row);
  const resource = toResource(row);
  if (resource === undefined) {
    const standing = { token, membership: undefined, policy: noCeiling };
    return { resource: userResource(accountId), standing, reached: { entry, reached: [] } };
  }
  const standing = toStanding(row, token);
  return { resource, standing, reached: { entry, reached: toReached(row) } };
}
