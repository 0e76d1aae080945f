/**
 * What the rules of a catalogue must speak about: the acts of `organizations/` and the routes of the
 * management API, which are code. Which permission or scope each takes is data.
 *
 * @module
 */

/** The acts by what they are done to; the keys are the actions of the audit log. */
export const acts = {
  organization: [
    'organization.read',
    'members.read',
    'invitations.read',
    'database_roles.read',
    'teams.read',
    'databases.read',
    'application_approvals.read',
    'application_access.read',
    'resource_servers.read',
    'organization.renamed',
    'organization.base_role_changed',
    'organization.application_policy_changed',
    'organization.max_entry_days_changed',
    'organization.max_idle_days_changed',
    'organization.deleted',
    'invitation.created',
    'invitation.resent',
    'invitation.cancelled',
    'member.role_changed',
    'member.suspended',
    'member.reinstated',
    'member.removed',
    'member.left',
    'team.created',
    'team.renamed',
    'team.deleted',
    'team.member_added',
    'team.member_removed',
    'team.database_added',
    'team.database_removed',
    'resource_server.created',
    'resource_server.changed',
    'resource_server.deleted',
    'resource_server.secret_added',
    'resource_server.secret_deleted',
    'application.approved',
    'application.approval_withdrawn',
    'application.approval_requested',
    'application.approval_declined',
    'owned_applications.read',
    'application.created',
    'application.adopted',
    'application.updated',
    'application.deleted',
    'application.manager_added',
    'application.manager_removed',
    'client_secret.added',
    'client_secret.deleted',
    'application.shut_out',
    'application.shut_out_lifted',
    'application.unused_ended',
    'database.created',
    'audit_log.read',
  ],
  database: [
    'database.read',
    'database_members.read',
    'database_teams.read',
    'branches.read',
    'database.renamed',
    'database.deleted',
    'database_role.given',
    'database_role.taken',
    'database_role.stepped_down',
    'branch.created',
    'access.read',
    'own_access.read',
  ],
  branch: ['branch.read', 'branch.renamed', 'branch.promoted', 'branch.demoted', 'branch.deleted'],
} as const;

type LaterAct = (typeof acts.organization)[number];

const likeReading = [
  'application_access.read',
  'resource_servers.read',
  'owned_applications.read',
] as const;
const likeApproving = [
  'application.approval_declined',
  'application.shut_out',
  'application.shut_out_lifted',
  'application.unused_ended',
  'application.created',
  'application.adopted',
  'application.updated',
  'application.deleted',
  'application.manager_added',
  'application.manager_removed',
  'client_secret.added',
  'client_secret.deleted',
  'resource_server.created',
  'resource_server.changed',
  'resource_server.deleted',
  'resource_server.secret_added',
  'resource_server.secret_deleted',
] as const;

/**
 * Acts that came after the first catalogues, each with an older one: rules that say nothing about it
 * give it to whom they give that.
 */
export const laterActs: ReadonlyMap<string, LaterAct> = new Map<LaterAct, LaterAct>([
  ['organization.max_entry_days_changed', 'organization.application_policy_changed'],
  ['organization.max_idle_days_changed', 'organization.application_policy_changed'],
  ['application.approval_requested', 'organization.read'],
  ...likeReading.map((act) => [act, 'application_approvals.read'] as const),
  ...likeApproving.map((act) => [act, 'application.approved'] as const),
]);

/** @returns what is said of each act, that of an older one where nothing is said of one that came later. */
export function withLaterActs<Said>(
  said: Readonly<Partial<Record<LaterAct, Said>>>,
): Readonly<Partial<Record<LaterAct, Said>>> {
  const likeOlder = Array.from(laterActs, ([act, like]) => [act, said[like]]);
  return { ...Object.fromEntries(likeOlder), ...said };
}

/** The operations that a token can be allowed to do. */
export const routeIds = [
  'readUser',
  'listOrganizations',
  'readOrganization',
  'renameOrganization',
  'deleteOrganization',
  'listMembers',
  'readMember',
  'changeMemberRole',
  'suspendMember',
  'reinstateMember',
  'removeMember',
  'listInvitations',
  'invite',
  'readInvitation',
  'resendInvitation',
  'cancelInvitation',
  'listDatabases',
  'createDatabase',
  'readDatabase',
  'renameDatabase',
  'deleteDatabase',
  'listDatabaseMembers',
  'giveDatabaseRole',
  'takeDatabaseRole',
  'readAccess',
  'readOwnAccess',
  'listBranches',
  'createBranch',
  'readBranch',
  'renameBranch',
  'promoteBranch',
  'demoteBranch',
  'deleteBranch',
] as const;
