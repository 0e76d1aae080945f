/**
 * How approvals and the access of applications are shown in answers.
 *
 * @module
 */

import type { z } from 'zod';
import { namesWithFormer } from '../../catalogue/scope-set.ts';
import { printId } from '../../lib/ids.ts';
import type { PolicyPreview } from '../../organizations/policy-preview.ts';
import type { ApplicationAccess, MemberAccess } from '../../storage/clients/application-access.ts';
import type { AccessInUse } from '../../storage/clients/application-uses.ts';
import type { ApprovalRequest } from '../../storage/clients/approval-requests.ts';
import type { StoredApproval } from '../../storage/clients/approvals.ts';
import type { ShutOut } from '../../storage/clients/shut-outs.ts';
import type { EndedUnused, UnusedAccess } from '../../storage/clients/unused-access.ts';
import type * as schemas from './access-schemas.ts';

type Shown<Schema extends z.ZodType> = z.input<Schema>;

export function printApproval(of: StoredApproval): Shown<typeof schemas.approval> {
  return {
    application: of.clientId,
    name: of.applicationName,
    scopes: of.scopes === undefined ? null : [...namesWithFormer(of.scopes)],
    production: of.production,
    max_grant_seconds: of.maxGrantSeconds ?? null,
    approved_by: of.approvedBy === undefined ? null : printId('user', of.approvedBy),
    approved_at: of.approvedAt.toISOString(),
  };
}

export function printApprovalRequest(of: ApprovalRequest): Shown<typeof schemas.approvalRequest> {
  return {
    application: of.clientId,
    name: of.applicationName,
    member: printId('user', of.accountId),
    member_name: of.memberName,
    reason: of.reason,
    requested_at: of.requestedAt.toISOString(),
  };
}

export function printApplicationAccess(
  of: ApplicationAccess,
): Shown<typeof schemas.applicationAccess> {
  return {
    application: of.clientId,
    name: of.name,
    verified: of.isVerified,
    owned: of.isOwned,
    approved: of.isApproved,
    members: of.members,
    entries: of.entries,
    scopes: [...namesWithFormer(of.scopes)],
    since: of.since.toISOString(),
    last_used_at: of.lastUsedAt?.toISOString() ?? null,
  };
}

export function printMemberAccess(of: MemberAccess): Shown<typeof schemas.memberAccess> {
  return {
    member: printId('user', of.accountId),
    name: of.name,
    email: of.email,
    resources: of.resources.map(({ scopes, ...resource }) => ({
      ...resource,
      scopes: [...namesWithFormer(scopes)],
    })),
    since: of.since.toISOString(),
    expires_at: of.expiresAt?.toISOString() ?? null,
    last_used_at: of.lastUsedAt?.toISOString() ?? null,
  };
}

export function printPolicyPreview(of: PolicyPreview): Shown<typeof schemas.policyPreview> {
  const { members, consents } = of;
  return {
    applications: of.applications.map(({ clientId, name, loses }) => {
      return { application: clientId, name, loses };
    }),
    members,
    consents,
  };
}

interface UsedAccess {
  readonly access: ApplicationAccess;
  readonly use: AccessInUse;
}

export function printUse({ access, use }: UsedAccess): Shown<typeof schemas.applicationUse> {
  return {
    ...printApplicationAccess(access),
    picked_resources: use.resources.picked,
    used_resources: use.resources.used,
    picked_scopes: use.scopes.picked,
    used_scopes: use.scopes.used ?? null,
  };
}

export function printUnused(of: UnusedAccess): Shown<typeof schemas.unusedAccess> {
  const { resources, resourceCount, scopes, members } = of;
  return {
    resources: [...resources],
    resource_count: resourceCount,
    scopes: [...namesWithFormer(scopes)],
    members,
  };
}

export function printEnded({
  ended,
}: {
  readonly ended: EndedUnused;
}): Shown<typeof schemas.endedAccess> {
  const { members, entries, narrowed } = ended;
  return { members: members.length, ended_entries: entries, narrowed_entries: narrowed };
}

export function printShutOut(of: ShutOut): Shown<typeof schemas.shutOut> {
  return {
    application: of.clientId,
    name: of.applicationName,
    shut_out_by: of.shutOutBy === undefined ? null : printId('user', of.shutOutBy),
    shut_out_at: of.shutOutAt.toISOString(),
    ended_members: of.endedMembers,
    ended_entries: of.endedEntries,
  };
}
