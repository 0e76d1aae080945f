/**
 * What can be done in an organization, and the ways in by which each act can be done at all. Which
 * permission it takes at that moment is a rule of the catalogue. The keys are the actions of the audit
 * trail.
 *
 * By token an application can do only what the scope catalogue names. A service client holds no
 * person's rights; it does what keeps the tree in step.
 *
 * @module
 */

import {
  type BranchAct,
  branchNeeds,
  type DatabaseAct,
  databaseNeeds,
  type OrganizationAct,
  organizationNeeds,
} from '../catalogue/rules.ts';
import type { Way } from './actor.ts';

export type { BranchAct, DatabaseAct, OrganizationAct } from '../catalogue/rules.ts';

const anyWay: readonly Way[] = ['session', 'application', 'service'];
const notByToken: readonly Way[] = ['session', 'service'];
const byPersons: readonly Way[] = ['session', 'application'];
const inPerson: readonly Way[] = ['session'];

const organizationWays: Readonly<Record<OrganizationAct, readonly Way[]>> = {
  'organization.read': anyWay,
  'members.read': anyWay,
  'invitations.read': anyWay,
  'database_roles.read': notByToken,
  'teams.read': notByToken,
  'databases.read': anyWay,
  'application_approvals.read': notByToken,
  'application_access.read': notByToken,
  'resource_servers.read': notByToken,
  'organization.renamed': anyWay,
  'organization.base_role_changed': notByToken,
  'organization.application_policy_changed': notByToken,
  'organization.max_entry_days_changed': notByToken,
  'organization.max_idle_days_changed': notByToken,
  'organization.deleted': anyWay,
  'invitation.created': byPersons,
  'invitation.resent': byPersons,
  'invitation.cancelled': byPersons,
  'member.role_changed': anyWay,
  'member.suspended': anyWay,
  'member.reinstated': anyWay,
  'member.removed': anyWay,
  'member.left': inPerson,
  'team.created': notByToken,
  'team.renamed': notByToken,
  'team.deleted': notByToken,
  'team.member_added': notByToken,
  'team.member_removed': notByToken,
  'team.database_added': notByToken,
  'team.database_removed': notByToken,
  'resource_server.created': notByToken,
  'resource_server.changed': notByToken,
  'resource_server.deleted': notByToken,
  'resource_server.secret_added': notByToken,
  'resource_server.secret_deleted': notByToken,
  'application.approved': notByToken,
  'application.approval_withdrawn': notByToken,
  'application.approval_requested': inPerson,
  'application.approval_declined': notByToken,
  'owned_applications.read': notByToken,
  'application.created': notByToken,
  'application.adopted': notByToken,
  'application.updated': notByToken,
  'application.deleted': notByToken,
  'application.manager_added': notByToken,
  'application.manager_removed': notByToken,
  'client_secret.added': notByToken,
  'client_secret.deleted': notByToken,
  'application.shut_out': notByToken,
  'application.shut_out_lifted': notByToken,
  'application.unused_ended': notByToken,
  'database.created': anyWay,
  'audit_log.read': notByToken,
};

const databaseWays: Readonly<Record<DatabaseAct, readonly Way[]>> = {
  'database.read': anyWay,
  'database_members.read': anyWay,
  'database_teams.read': notByToken,
  'branches.read': anyWay,
  'database.renamed': anyWay,
  'database.deleted': anyWay,
  'database_role.given': anyWay,
  'database_role.taken': anyWay,
  'database_role.stepped_down': inPerson,
  'branch.created': anyWay,
  'access.read': anyWay,
  'own_access.read': byPersons,
};

const branchWays: Readonly<Record<BranchAct, readonly Way[]>> = {
  'branch.read': anyWay,
  'branch.renamed': anyWay,
  'branch.promoted': anyWay,
  'branch.demoted': anyWay,
  'branch.deleted': anyWay,
};

/** What is done to an organization itself, decided by the organization role alone. */
export const organizationActs = withNeeds(organizationNeeds, organizationWays);

/** What is done to one database, decided by all roles that reach it. */
export const databaseActs = withNeeds(databaseNeeds, databaseWays);

/** What is done to one branch. */
export const branchActs = withNeeds(branchNeeds, branchWays);

/** The ways in by which an act can be done at all. */
export function waysOf(act: OrganizationAct | DatabaseAct | BranchAct): readonly Way[] {
  return { ...organizationWays, ...databaseWays, ...branchWays }[act];
}

function withNeeds<Act extends string, Needs>(
  needs: Readonly<Record<Act, Needs>>,
  ways: Readonly<Record<Act, readonly Way[]>>,
): Readonly<Record<Act, { readonly needs: Needs; readonly ways: readonly Way[] }>> {
  const rows = (Object.keys(ways) as Act[]).map((act) => [
    act,
    { needs: needs[act], ways: ways[act] },
  ]);
  return Object.fromEntries(rows);
}
