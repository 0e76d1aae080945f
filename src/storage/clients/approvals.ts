/**
 * The `application_approvals` table: what an organization with the policy `approval_required` has
 * approved, with its ceilings.
 *
 * @module
 */

import { parseScopeSet } from '../../catalogue/scope-set.ts';
import type { Approval } from '../../decisions/policy.ts';
import { type Db, statement } from '../engine/database.ts';

interface ApprovalRow {
  organization_id: string;
  scope: string | null;
  production: boolean;
  max_grant_seconds: number | null;
}

const select = statement(`
  select organization_id, scope, production, max_grant_seconds
    from application_approvals where client_id = $1 and organization_id = any($2::uuid[])`);

/** @returns the approvals of one application that stand, by organization. */
export async function approvalsOf(
  db: Db,
  clientId: string,
  organizationIds: readonly string[],
): Promise<Map<string, Approval>> {
  const rows = await db.query<ApprovalRow>(select, [clientId, organizationIds]);
  return new Map(rows.map((row) => [row.organization_id, toApproval(row)]));
}

function toApproval({ scope, production, max_grant_seconds }: ApprovalRow): Approval {
  return {
    scopes: scope === null ? undefined : parseScopeSet(scope),
    production,
    maxGrantSeconds: max_grant_seconds ?? undefined,
  };
}
