/**
 * What a user may do on a resource by role alone, without any token.
 *
 * @module
 */

import type { DatabaseRoles, Membership } from '../../members/permissions.ts';
import { flag, type RowOf, rowForm, type WrittenRow, whole } from '../engine/columns.ts';
import { type Db, decidingStatement } from '../engine/database.ts';
import {
  namedResource,
  type ResourceReference,
  referenceArrays,
  referenceColumns,
  referenceTypes,
} from '../tree/resource-lookup.ts';
import {
  databaseColumns,
  databaseFacts,
  organizationColumns,
  organizationFacts,
} from './tree-facts.ts';
import { type Resource, smallestOf, toResource } from './tree-rows.ts';

/** One question: which user, on which resource. */
export interface UserQuestion {
  /** A UUID; undefined is nobody. */
  readonly accountId: string | undefined;
  readonly resource: ResourceReference;
}

/** The resource, and what the user is there. */
export interface UserFacts {
  readonly resource: Resource;
  /** Whether there is such an account, active or not. */
  readonly isKnown: boolean;
  /** Undefined for a stranger, a suspended member, and an account that is not active. */
  readonly membership: Membership | undefined;
  readonly databaseRoles: DatabaseRoles;
}

const columns = {
  position: whole('q.position'),
  is_known: flag(`live.account_id is not null or exists (
    select from accounts a where a.id = q.account and a.status <> 'deleted')`),
  ...databaseColumns('target'),
  ...organizationColumns('o'),
};

type UserRow = RowOf<typeof columns>;

const form = rowForm(columns);

const arrays = ['uuid[]', ...referenceTypes].map((type, n) => `(select $${n + 1}::${type})`);

/** The fragments read `live`, which is an account here, with no application. */
const select = decidingStatement(`
  select ${form.sql} as found
  from unnest(${arrays.join(', ')}) with ordinality
    as q (${['account', ...referenceColumns, 'position'].join(', ')})
  left join lateral (
    select a.id as account_id, null::text as client_id, null::uuid as owner_organization_id,
      null::boolean as is_verified, null::timestamptz as granted_at
    from accounts a where a.id = q.account and a.status = 'active'
    offset 0) live on true
  left join lateral (${namedResource}) named on true
  left join lateral (${databaseFacts('named')}) target on true
  left join lateral (${organizationFacts('coalesce(target.in_organization, named.organization_id)')}) o
    on num_nonnulls(named.organization_id, named.database_id, named.branch_id) = 1`);

/** @returns the facts of each question, in the order of the questions; undefined where there is no such resource. */
export async function findUserFacts(
  db: Db,
  questions: readonly UserQuestion[],
): Promise<(UserFacts | undefined)[]> {
  const references = questions.map(({ resource }) => resource);
  const accounts = questions.map(({ accountId }) => accountId ?? null);
  const values = [accounts, ...referenceArrays(references)];
  const rows = await db.query<{ found: WrittenRow }>(select, values);
  const facts = questions.map((): UserFacts | undefined => undefined);
  for (const { found } of rows) {
    const row = form.read(found);
    facts[row.position - 1] = toFacts(row);
  }
  return facts;
}

function toFacts(row: UserRow): UserFacts | undefined {
  const resource = toResource(row, row, smallestOf(row));
  if (resource === undefined) return undefined;
  const { organization_role: organizationRole, base_role: baseRole, direct, team } = row;
  const membership = organizationRole === null ? undefined : { organizationRole, baseRole };
  return {
    resource,
    isKnown: row.is_known,
    membership,
    databaseRoles: { direct: direct ?? undefined, team },
  };
}
