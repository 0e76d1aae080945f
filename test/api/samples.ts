/**
 * A good request of an administrator for every route of the management API: what is sent beside the
 * ids in the address, and what has to be done first.
 */

export interface Sample {
  readonly first?: readonly [routeId: string, body?: unknown][];
  readonly body?: unknown;
  readonly query?: string;
}

let made = 0;
const slug = () => {
  made += 1;
  return `sample-${made}`;
};
const named = () => ({ slug: slug(), name: 'Sample' });
const approved: Sample['first'] = [['approveApplication', {}]];

/** By the route's id. Getters give each request a slug of its own. */
export const samples: Readonly<Record<string, Sample>> = {
  readUser: {},
  listOrganizations: {},
  createOrganization: {
    get body() {
      return named();
    },
  },
  readOrganization: {},
  renameOrganization: {
    get body() {
      return named();
    },
  },
  deleteOrganization: {},
  setBaseRole: { body: { base_role: 'member' } },
  setApplicationPolicy: { body: { application_policy: 'approval_required' } },
  listMembers: { query: '?role=organization_member' },
  readMember: {},
  changeMemberRole: { body: { role: 'organization_member' } },
  suspendMember: {},
  reinstateMember: { first: [['suspendMember']] },
  removeMember: {},
  leaveOrganization: { first: [['changeMemberRole', { role: 'organization_admin' }]] },
  listInvitations: {},
  invite: { body: { email: 'sample@new.test' } },
  readInvitation: {},
  resendInvitation: {},
  cancelInvitation: {},
  listTeams: {},
  createTeam: {
    get body() {
      return named();
    },
  },
  readTeam: {},
  renameTeam: {
    get body() {
      return named();
    },
  },
  deleteTeam: {},
  listTeamMembers: {},
  addTeamMember: {},
  removeTeamMember: { first: [['addTeamMember']] },
  listTeamDatabases: {},
  addTeamDatabase: {},
  removeTeamDatabase: {},
  listDatabases: {},
  createDatabase: {
    get body() {
      return { slug: slug() };
    },
  },
  readDatabase: {},
  renameDatabase: {
    get body() {
      return { slug: slug() };
    },
  },
  deleteDatabase: {},
  listDatabaseMembers: { query: '?role=database_admin' },
  giveDatabaseRole: { body: { role: 'database_reader' } },
  takeDatabaseRole: { first: [['giveDatabaseRole', { role: 'database_reader' }]] },
  stepDown: {},
  readAccess: {},
  readOwnAccess: {},
  listBranches: {},
  createBranch: {
    get body() {
      return { slug: slug() };
    },
  },
  readBranch: {},
  renameBranch: {
    get body() {
      return { slug: slug() };
    },
  },
  promoteBranch: {},
  demoteBranch: { first: [['promoteBranch']] },
  deleteBranch: {},
  listApprovals: { first: approved },
  readApproval: { first: approved },
  approveApplication: {
    body: { scopes: ['database:read_database'], production: false, max_grant_seconds: 60 },
  },
  withdrawApproval: { first: approved },
  readAuditLog: { query: '?limit=2' },
  exportAuditLog: { query: '?format=csv' },
  readOwnAuditLog: {},
};
