/**
 * Every entry of the consent that a code or refresh token stands under, with all that decides what
 * a token that is issued for it will give: what entry-facts.ts is for a token that is there already.
 *
 * @module
 */

import type { TokenScopes } from '../decisions/effective-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import type { EntryFacts } from './entry-facts.ts';
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
  toEntry,
  toReached,
  toResource,
  toStanding,
  userResource,
} from './place-rows.ts';

/** An entry and the place that it names. */
export type ConsentedRow = EntryRow & DatabaseRow & OrganizationRow;

/** The entries as JSON, for the row `live` with its consent, account, client and the client's owner. */
export const consentedEntries = `(select json_agg(picked) from (
      select ${entryColumns}, place.*, o.*,
        case when e.level = 'organization' then ${organizationDatabases('e.organization_id')}
        end as databases
      from consent_entries e
      cross join lateral (${databaseFacts('e')}) place
      left join lateral (${organizationFacts('e.organization_id')}) o on true
      where e.consent_id = live.consent_id) picked)`;

/** For whom the entries decide. */
interface Holder {
  readonly accountId: string;
  readonly grantAgeSeconds: number;
  readonly scopes: TokenScopes;
}

/** @returns what decides about an entry for a token with these scopes. */
export function toEntryFacts(row: ConsentedRow, holder: Holder): EntryFacts {
  const { accountId, grantAgeSeconds, scopes: token } = holder;
  const entry = toEntry(row);
  const resource = toResource(row);
  if (resource === undefined) {
    const standing = { token, membership: undefined, policy: noCeiling };
    return { resource: userResource(accountId), standing, reached: { entry, reached: [] } };
  }
  const standing = toStanding(row, token, grantAgeSeconds);
  return { resource, standing, reached: { entry, reached: toReached(row) } };
}
