/**
 * The one-click role changes of the demo: what an administrator would do, for whoever is signed in.
 *
 * The statements obey the domain's rules: a role only for a member, never without an Organization
 * Administrator, never without a production branch. Leaving takes roles and consent entries along
 * (the foreign keys see to it).
 *
 * @module
 */

import {
  administratorRole,
  type DatabaseRole,
  isDatabaseRole,
  memberRole,
  type OrganizationRole,
} from '../members/roles.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import { type Database, type Db, type Statement, statement } from '../storage/engine/database.ts';

/** The part of the demo data that the buttons change. */
export interface Stage {
  readonly organization: string;
  readonly database: string;
  readonly branch: string;
}

/** What the buttons can do, beside giving a role on the database. */
const changes = ['no_role', 'leave', 'join', 'promote', 'demote'] as const;

/** One of the buttons: a deed, or a role on databases that is given. */
export type Change = (typeof changes)[number] | DatabaseRole;

/** The state of an account on a stage. */
export interface StageState {
  /** Undefined: not a member. */
  readonly role: OrganizationRole | undefined;
  readonly databaseRole: string | undefined;
  readonly isBranchProduction: boolean;
}

/** $1 account, $2 organization, $3 database, $4 branch; all named in every statement, for one way to call. */
const stage = `
  with stage as (
    select $1::uuid as account_id, o.id as organization_id, d.id as database_id, b.id as branch_id
      from organizations o
      join databases d on d.organization_id = o.id and d.slug = $3
      join branches b on b.database_id = d.id and b.slug = $4
     where o.slug = $2)`;

const selectState = statement(`${stage}
  select m.role, r.role as database_role, b.production
    from stage s
    join branches b on b.id = s.branch_id
    left join organization_members m
      on m.organization_id = s.organization_id and m.account_id = s.account_id
    left join database_roles r on r.database_id = s.database_id and r.account_id = s.account_id`);

const statements: Readonly<Record<(typeof changes)[number], Statement>> = {
  no_role: statement(`${stage}
    delete from database_roles r using stage s
     where r.database_id = s.database_id and r.account_id = s.account_id
    returning r.database_id`),
  leave: statement(`${stage}
    delete from organization_members m using stage s
     where m.organization_id = s.organization_id and m.account_id = s.account_id
       and m.role <> '${administratorRole}'
    returning m.account_id`),
  join: statement(`${stage}
    insert into organization_members (organization_id, account_id, role)
    select organization_id, account_id, '${memberRole}' from stage
    on conflict do nothing returning account_id`),
  promote: statement(`${stage}
    update branches b set production = true from stage s
     where b.id = s.branch_id and not b.production
    returning b.id`),
  demote: statement(`${stage}
    update branches b set production = false from stage s
     where b.id = s.branch_id and b.production
       and exists (select from branches other
                    where other.database_id = b.database_id and other.production and other.id <> b.id)
    returning b.id`),
};

/** @returns undefined when the stage is not there (somebody deleted part of the demo data). */
export async function stateOf(
  db: Db,
  accountId: string,
  on: Stage,
): Promise<StageState | undefined> {
  const [row] = await db.query<{
    role: OrganizationRole | null;
    database_role: string | null;
    production: boolean;
  }>(selectState, parameters(accountId, on));
  return (
    row && {
      role: row.role ?? undefined,
      databaseRole: row.database_role ?? undefined,
      isBranchProduction: row.production,
    }
  );
}

/** @returns whether anything changed; it does not when it is so already, or a rule forbids it. */
export function makeChange(
  db: Database,
  accountId: string,
  on: Stage,
  change: Change,
): Promise<boolean> {
  return db.run(async (tx) => {
    const rows = await tx.query(...questionOf(change, parameters(accountId, on)));
    if (rows.length === 0) return false;
    const subject = `${on.organization}/${on.database}`;
    await recordAuditEvent(tx, {
      action: `demo.${change}`,
      actorAccountId: accountId,
      subject,
    });
    return true;
  });
}

/** Whether a form's field names a change. */
export function isChange(text: string): boolean {
  return changes.some((change) => change === text) || isDatabaseRole(text);
}

/** A change with its statement; a role that is given is the fifth parameter. */
function questionOf(change: Change, where: string[]): [Statement, string[]] {
  const deed = changes.find((one) => one === change);
  return deed === undefined ? [giveRole, [...where, change]] : [statements[deed], where];
}

const giveRole = statement(`${stage}
    insert into database_roles (database_id, account_id, organization_id, role)
    select s.database_id, s.account_id, s.organization_id, $5
      from stage s
      join organization_members m
        on m.organization_id = s.organization_id and m.account_id = s.account_id
    on conflict (database_id, account_id) do update set role = excluded.role
     where database_roles.role <> excluded.role
    returning database_id`);

function parameters(accountId: string, { organization, database, branch }: Stage): string[] {
  return [accountId, organization, database, branch];
}
