/**
 * A good request of an administrator for every route of the management API: what is sent beside the
 * ids in the address, and what has to be done first.
 */

import { registrationToken } from '../organizations/world.ts';
import { picture } from '../support/pictures.ts';

export interface Sample {
  readonly first?: readonly [routeId: string, body?: unknown][];
  readonly body?: unknown;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By the platform's service client; else by the administrator in a browser. */
  readonly isByService?: boolean;
}

const application = { name: 'Sample', redirect_uris: ['https://sample.example/callback'] };

let made = 0;
const slug = () => {
  made += 1;
  return `sample-${made}`;
};
const named = () => ({ slug: slug(), name: 'Sample' });
const synced = () => ({ ...named(), administrator: 'admin@acme.test' });
type First = NonNullable<Sample['first']>;
const withOrganization = (): First => [['syncOrganization', synced()]];
const withDatabase = (): First => [...withOrganization(), ['syncDatabase', { slug: 'synced' }]];
const withBranch = (): First => [
  ...withDatabase(),
  ['syncBranch', { slug: 'side', production: false }],
];
const withMember = (): First => [...withOrganization(), ['syncMember', {}]];
const approved: Sample['first'] = [['approveApplication', {}]];

const shutOut: Sample['first'] = [['shutOutApplication']];

const publicKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};

const samplePicture = async () => (await picture()).toString('base64');

const requested: Sample['first'] = [['requestApproval', { reason: 'For the reports.' }]];

/** The same operations on an organization's applications and on a person's own. */
async function samplesOfOwned(
  word: 'Owned' | 'Personal',
): Promise<Readonly<Record<string, Sample>>> {
  const withHomePage: First = [
    [`change${word}Application`, { ...application, home_page: 'https://sample.example/' }],
  ];
  const keys = { jwks: { keys: [publicKey] } };
  const withKeys: First = [[`put${word}Keys`, keys]];
  return {
    [`list${word}Applications`]: {},
    [`create${word}Application`]: { body: { kind: 'web', ...application } },
    [`read${word}Application`]: {},
    [`change${word}Application`]: { body: { ...application, name: 'Changed' } },
    [`delete${word}Application`]: {},
    [`list${word}Secrets`]: {},
    [`add${word}Secret`]: { body: { name: 'Next', days: 30 } },
    [`end${word}Secret`]: {},
    [`put${word}Logo`]: { body: { image: await samplePicture() } },
    [`delete${word}Logo`]: {},
    [`read${word}Keys`]: { first: withKeys },
    [`put${word}Keys`]: { body: keys },
    [`delete${word}Keys`]: { first: withKeys },
    [`read${word}Domain`]: { first: withHomePage },
    [`read${word}Activity`]: {},
    [`check${word}Domain`]: { first: withHomePage },
  };
}

/** By the route's id. Getters give each request a slug of its own. */
export const samples: Readonly<Record<string, Sample>> = {
  readUser: {},
  deleteUser: { first: [['changeMemberRole', { role: 'organization_admin' }]] },
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
  previewApplicationPolicy: {
    query: '?application_policy=verified_only&production_needs_approval=true',
  },
  setMaxEntryDays: { body: { max_entry_days: 30 } },
  setMaxIdleDays: { body: { max_idle_days: 90 } },
  listMembers: { query: '?role=organization_member' },
  readMember: {},
  listMemberTeams: {},
  listMemberRoles: { first: [['giveDatabaseRole', { role: 'database_reader' }]] },
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
  listDatabaseTeams: {},
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
  listApprovalRequests: { first: requested },
  requestApproval: { body: { reason: 'We draw the monthly reports with it.' } },
  declineApproval: { first: requested, query: '?reason=Not%20now.' },
  listApplicationAccess: {},
  readApplicationAccess: {},
  listMemberAccess: {},
  readUnusedAccess: {},
  endUnusedAccess: {},
  listShutOuts: { first: shutOut },
  shutOutApplication: {},
  liftShutOut: { first: shutOut },
  ...(await samplesOfOwned('Owned')),
  adoptApplication: { body: { registration_access_token: registrationToken } },
  ...(await samplesOfOwned('Personal')),
  listManagers: { first: [['nameManager']] },
  nameManager: {},
  dropManager: { first: [['nameManager']] },
  listResourceServers: {},
  createResourceServer: {
    get body() {
      return { name: 'Sample', audience: `https://${slug()}.example.test/mcp` };
    },
  },
  readResourceServer: {},
  changeResourceServer: { body: { scopes: ['database:read_database'] } },
  deleteResourceServer: {},
  listResourceServerSecrets: {},
  addResourceServerSecret: { body: { name: 'Second' } },
  deleteResourceServerSecret: {},
  readAuditLog: { query: '?limit=2' },
  exportAuditLog: { query: '?format=csv' },
  readOwnAuditLog: {},
  syncOrganization: {
    isByService: true,
    get body() {
      return synced();
    },
  },
  unsyncOrganization: {
    isByService: true,
    get first() {
      return withOrganization();
    },
  },
  syncDatabase: {
    isByService: true,
    get first() {
      return withOrganization();
    },
    body: { slug: 'synced' },
  },
  unsyncDatabase: {
    isByService: true,
    get first() {
      return withDatabase();
    },
  },
  syncBranch: {
    isByService: true,
    get first() {
      return withDatabase();
    },
    body: { slug: 'main', production: true },
  },
  unsyncBranch: {
    isByService: true,
    get first() {
      return withBranch();
    },
  },
  syncMember: {
    isByService: true,
    get first() {
      return withOrganization();
    },
    body: {},
  },
  unsyncMember: {
    isByService: true,
    get first() {
      return withMember();
    },
  },
  listConsents: { isByService: true },
  withdrawConsent: { isByService: true },
  nameSignIn: { isByService: true, body: { email: 'sample-sign-in@new.test' } },
  importLines: {
    isByService: true,
    get first() {
      return withOrganization();
    },
    body: '{"type":"member","member":"imported@new.test"}\n',
    headers: { 'content-type': 'application/x-ndjson' },
  },
};
