/**
 * Who may do what in an organization: each act, the permission that it takes at that moment, and
 * the ways in by which it can be done at all. The keys are the actions of the audit trail.
 *
 * By token an application can do only what the scope catalogue names. A service client holds no
 * person's rights; it does what keeps the tree in step.
 *
 * @module
 */

import type { DatabasePermissionId, OrganizationPermissionId } from '../catalogue/permissions.ts';
import type { Way } from './actor.ts';

const anyWay: readonly Way[] = ['session', 'application', 'service'];
const notByToken: readonly Way[] = ['session', 'service'];
const byPersons: readonly Way[] = ['session', 'application'];
const inPerson: readonly Way[] = ['session'];

interface Rule<Needs> {
  readonly needs: Needs;
  readonly ways: readonly Way[];
}

const settings = { needs: 'manage_organization', ways: anyWay } as const;
const policy = { needs: 'manage_organization', ways: notByToken } as const;
const members = { needs: 'manage_organization_members', ways: anyWay } as const;
const invitations = { needs: 'manage_invitations', ways: byPersons } as const;
const teams = { needs: 'manage_organization_members', ways: notByToken } as const;

const approvals = { needs: 'manage_organization', ways: notByToken } as const;

/** What is done to an organization itself, decided by the organization role alone. */
export const organizationActs = {
  'organization.read': { needs: 'view_organization', ways: anyWay },
  'members.read': { needs: 'view_organization_members', ways: anyWay },
  'invitations.read': { needs: 'manage_invitations', ways: anyWay },
  'database_roles.read': { needs: 'manage_organization_members', ways: notByToken },
  'teams.read': { needs: 'view_organization_members', ways: notByToken },
  'databases.read': { needs: 'view_organization', ways: anyWay },
  'application_approvals.read': approvals,
  'organization.renamed': settings,
  'organization.base_role_changed': policy,
  'organization.application_policy_changed': policy,
  'organization.deleted': settings,
  'invitation.created': invitations,
  'invitation.resent': invitations,
  'invitation.cancelled': invitations,
  'member.role_changed': members,
  'member.suspended': members,
  'member.reinstated': members,
  'member.removed': members,
  'member.left': { needs: 'view_organization', ways: inPerson },
  'team.created': teams,
  'team.renamed': teams,
  'team.deleted': teams,
  'team.member_added': teams,
  'team.member_removed': teams,
  'team.database_added': teams,
  'team.database_removed': teams,
  'application.approved': approvals,
  'application.approval_withdrawn': approvals,
  'database.created': { needs: 'create_databases', ways: anyWay },
  'audit_log.read': { needs: 'view_audit_logs', ways: notByToken },
} as const satisfies Record<string, Rule<OrganizationPermissionId>>;

/** What is done to one database, decided by all roles that reach it. */
export const databaseActs = {
  'database.read': { needs: 'view_database', ways: anyWay },
  'database_members.read': { needs: 'view_database_members', ways: anyWay },
  'database_teams.read': { needs: 'view_database_members', ways: notByToken },
  'branches.read': { needs: 'view_branches', ways: anyWay },
  'database.renamed': { needs: 'manage_database', ways: anyWay },
  'database.deleted': { needs: 'manage_database', ways: anyWay },
  'database_role.given': { needs: 'manage_database_members', ways: anyWay },
  'database_role.taken': { needs: 'manage_database_members', ways: anyWay },
  'database_role.stepped_down': { needs: 'view_database', ways: inPerson },
  'branch.created': { needs: 'create_branches', ways: anyWay },
  'access.read': { needs: 'view_database_members', ways: anyWay },
  'own_access.read': { needs: 'view_database', ways: byPersons },
} as const satisfies Record<string, Rule<DatabasePermissionId>>;

/** A permission for each kind of branch; the kind that counts is the one at that moment. */
interface ByKind {
  readonly development: DatabasePermissionId;
  readonly production: DatabasePermissionId;
}

const look = { development: 'view_branches', production: 'view_branches' } as const;
const changeKind = { development: 'promote_branches', production: 'promote_branches' } as const;

/** What is done to one branch. */
export const branchActs = {
  'branch.read': { needs: look, ways: anyWay },
  'branch.renamed': {
    needs: { development: 'create_branches', production: 'manage_database' },
    ways: anyWay,
  },
  'branch.promoted': { needs: changeKind, ways: anyWay },
  'branch.demoted': { needs: changeKind, ways: anyWay },
  'branch.deleted': {
    needs: { development: 'delete_development_branches', production: 'delete_production_branches' },
    ways: anyWay,
  },
} as const satisfies Record<string, Rule<ByKind>>;

/** The ways in by which an act can be done at all. */
export function waysOf(act: OrganizationAct | DatabaseAct | BranchAct): readonly Way[] {
  return { ...organizationActs, ...databaseActs, ...branchActs }[act].ways;
}

export type OrganizationAct = keyof typeof organizationActs;
export type DatabaseAct = keyof typeof databaseActs;
export type BranchAct = keyof typeof branchActs;
