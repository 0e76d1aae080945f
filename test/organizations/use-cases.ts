/**
 * Every use case inside an organization: who may do it, by which way in, and which ids it takes.
 * rules.test.ts tries each for everybody; a use case without a row here is found there.
 */

import type { Person } from '../../src/organizations/actor.ts';
import type { OrganizationAct } from '../../src/organizations/acts.ts';
import {
  approveApplication,
  withdrawApproval,
} from '../../src/organizations/application-approvals.ts';
import { declineApproval, requestApproval } from '../../src/organizations/approval-requests.ts';
import { readAuditLog } from '../../src/organizations/audit-log.ts';
import {
  createBranch,
  deleteBranch,
  demoteBranch,
  promoteBranch,
  renameBranch,
} from '../../src/organizations/branches.ts';
import {
  giveDatabaseRole,
  stepDown,
  takeDatabaseRole,
} from '../../src/organizations/database-people.ts';
import {
  createDatabase,
  deleteDatabase,
  renameDatabase,
} from '../../src/organizations/databases.ts';
import { effectiveAccess } from '../../src/organizations/effective-access.ts';
import { readInside } from '../../src/organizations/inside.ts';
import { cancelInvitation, invite, resendInvitation } from '../../src/organizations/invitations.ts';
import {
  changeMemberRole,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../src/organizations/members.ts';
import {
  deleteOrganization,
  renameOrganization,
  setApplicationPolicy,
  setBaseRole,
  setMaxEntryDays,
  setMaxIdleDays,
} from '../../src/organizations/organization-settings.ts';
import { addOwnSecret, deleteOwnSecret } from '../../src/organizations/resource-server-secrets.ts';
import {
  changeOwnResourceServer,
  createOwnResourceServer,
  deleteOwnResourceServer,
  inResourceServer,
} from '../../src/organizations/resource-servers.ts';
import { inBranch, inDatabase, inOrganization } from '../../src/organizations/rights.ts';
import { liftShutOut, shutOutApplication } from '../../src/organizations/shut-outs.ts';
import {
  addTeamDatabase,
  addTeamMember,
  removeTeamDatabase,
  removeTeamMember,
} from '../../src/organizations/team-contents.ts';
import { createTeam, deleteTeam, renameTeam } from '../../src/organizations/teams.ts';
import { endUnusedAccess } from '../../src/organizations/unused-access.ts';
import { ownedUseCases } from './owned-use-cases.ts';
import { makeUnusedAccess } from './unused.ts';
import type { UseCase } from './use-case.ts';
import { type Attempt, freshSlug, makeApplication } from './world.ts';

export type { UseCase } from './use-case.ts';

const oftenApproved = 'often-approved';
const oftenAsked = 'often-asked';
const oftenShutOut = 'often-shut-out';

const admins = ['admin'] as const;
const dbas = ['admin', 'dba', 'teamDba'] as const;
const everyone = ['admin', 'dba', 'teamDba', 'developer', 'reader', 'member'] as const;
/** Everybody whom the base role `member` lets work on databases. */
const builders = everyone;

const ways = { token: true, service: true } as const;
const notByToken = { token: false, service: true } as const;
const persons = { token: true, service: false } as const;
const inPerson = { token: false, service: false } as const;

const named = () => ({ slug: freshSlug(), name: 'Renamed' });
const member = 'organization_member' as const;

/** The rows of acts that only look. */
const looks: readonly UseCase[] = [
  ...(['organization.read', 'members.read', 'databases.read'] as const).map((act) => ({
    act,
    may: everyone,
    takes: [],
    ...ways,
    run: lookInto(act),
  })),
  { act: 'teams.read', may: everyone, takes: [], ...notByToken, run: lookInto('teams.read') },
  { act: 'invitations.read', may: admins, takes: [], ...ways, run: lookInto('invitations.read') },
  {
    act: 'application_approvals.read',
    may: admins,
    takes: [],
    ...notByToken,
    run: lookInto('application_approvals.read'),
  },
  {
    act: 'application_access.read',
    may: admins,
    takes: [],
    ...notByToken,
    run: lookInto('application_access.read'),
  },
  {
    act: 'resource_servers.read',
    may: admins,
    takes: ['resourceServerId'],
    ...notByToken,
    run: (db, who, ids) =>
      readInside(db, inResourceServer(who, 'resource_servers.read', ids), async () => undefined),
  },
  {
    act: 'database_roles.read',
    may: admins,
    takes: [],
    ...notByToken,
    run: lookInto('database_roles.read'),
  },
  {
    act: 'database_teams.read',
    may: everyone,
    takes: ['databaseId'],
    ...notByToken,
    run: (db, who, ids) =>
      readInside(db, inDatabase(who, 'database_teams.read', ids), async () => undefined),
  },
  ...(['database.read', 'database_members.read', 'branches.read'] as const).map(
    (act): UseCase => ({
      act,
      may: everyone,
      takes: ['databaseId'],
      ...ways,
      run: (db, who, ids) => readInside(db, inDatabase(who, act, ids), async () => undefined),
    }),
  ),
  {
    act: 'branch.read',
    may: everyone,
    takes: ['databaseId', 'branchId'],
    ...ways,
    run: (db, who, ids) => readInside(db, inBranch(who, 'branch.read', ids), async () => undefined),
  },
];

function lookInto(act: OrganizationAct): Attempt {
  return (db, who, ids) => readInside(db, inOrganization(who, act, ids), async () => undefined);
}

const noCeilings = { scopes: undefined, production: true, maxGrantSeconds: undefined };

export const useCases: readonly UseCase[] = [
  ...looks,
  ...ownedUseCases,
  {
    act: 'resource_server.created',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) =>
      createOwnResourceServer(
        db,
        who,
        { ...ids, issuer: 'https://usher.test' },
        { name: 'API', audience: undefined },
      ),
  },
  {
    act: 'resource_server.changed',
    may: admins,
    takes: ['resourceServerId'],
    ...notByToken,
    run: (db, who, ids) => changeOwnResourceServer(db, who, ids, { name: 'Other' }),
  },
  {
    act: 'resource_server.deleted',
    may: admins,
    takes: ['resourceServerId'],
    ...notByToken,
    run: (db, who, ids) => deleteOwnResourceServer(db, who, ids),
  },
  {
    act: 'resource_server.secret_added',
    may: admins,
    takes: ['resourceServerId'],
    ...notByToken,
    run: (db, who, ids) => addOwnSecret(db, who, ids),
  },
  {
    act: 'resource_server.secret_deleted',
    may: admins,
    takes: ['resourceServerId', 'secretId'],
    ...notByToken,
    run: (db, who, ids) => deleteOwnSecret(db, who, ids),
  },
  {
    act: 'application.approved',
    may: admins,
    takes: [],
    ...notByToken,
    run: async (db, who, ids) =>
      approveApplication(db, who, { ...ids, clientId: await makeApplication(db) }, noCeilings),
  },
  {
    act: 'application.approval_withdrawn',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => withdrawApproval(db, who, { ...ids, clientId: oftenApproved }),
    first: async (db, who, ids) => {
      await makeApplication(db, oftenApproved);
      await approveApplication(db, who, { ...ids, clientId: oftenApproved }, noCeilings);
    },
  },
  {
    act: 'application.approval_requested',
    may: everyone,
    takes: [],
    ...inPerson,
    run: async (db, who, ids) =>
      requestApproval(
        db,
        who as Person,
        { ...ids, clientId: await makeApplication(db) },
        'Reports.',
      ),
  },
  {
    act: 'application.approval_declined',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => declineApproval(db, who, { ...ids, clientId: oftenAsked }),
    first: async (db, who, ids) => {
      await makeApplication(db, oftenAsked);
      await requestApproval(db, who as Person, { ...ids, clientId: oftenAsked }, 'Reports.');
    },
  },
  {
    act: 'application.shut_out',
    may: admins,
    takes: [],
    ...notByToken,
    run: async (db, who, ids) =>
      shutOutApplication(db, who, { ...ids, clientId: await makeApplication(db) }),
  },
  {
    act: 'application.shut_out_lifted',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => liftShutOut(db, who, { ...ids, clientId: oftenShutOut }),
    first: async (db, who, ids) => {
      await makeApplication(db, oftenShutOut);
      await shutOutApplication(db, who, { ...ids, clientId: oftenShutOut });
    },
  },
  {
    act: 'application.unused_ended',
    may: admins,
    takes: [],
    ...notByToken,
    run: async (db, who, ids) =>
      endUnusedAccess(db, who, { ...ids, clientId: await makeUnusedAccess(db, ids) }),
  },
  {
    act: 'organization.renamed',
    may: admins,
    takes: [],
    ...ways,
    run: (db, who, ids) => renameOrganization(db, who, ids.organizationId, named()),
  },
  {
    act: 'organization.base_role_changed',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => setBaseRole(db, who, ids.organizationId, 'reader'),
  },
  {
    act: 'organization.application_policy_changed',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) =>
      setApplicationPolicy(db, who, ids.organizationId, { applicationPolicy: 'approval_required' }),
  },
  {
    act: 'organization.max_entry_days_changed',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => setMaxEntryDays(db, who, ids.organizationId, 30),
  },
  {
    act: 'organization.max_idle_days_changed',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => setMaxIdleDays(db, who, ids.organizationId, 30),
  },
  {
    act: 'organization.deleted',
    may: admins,
    takes: [],
    ...ways,
    run: (db, who, ids) => deleteOrganization(db, who, ids.organizationId),
  },
  {
    act: 'invitation.created',
    may: admins,
    takes: [],
    ...persons,
    run: (db, who, ids) =>
      invite(db, who as Person, ids.organizationId, {
        email: `${freshSlug()}@new.test`,
        role: member,
      }),
  },
  {
    act: 'invitation.resent',
    may: admins,
    takes: ['invitationId'],
    ...persons,
    run: (db, who, ids) => resendInvitation(db, who as Person, ids),
  },
  {
    act: 'invitation.cancelled',
    may: admins,
    takes: ['invitationId'],
    ...persons,
    run: (db, who, ids) => cancelInvitation(db, who as Person, ids),
  },
  {
    act: 'member.role_changed',
    may: admins,
    takes: ['accountId'],
    ...ways,
    run: (db, who, ids) => changeMemberRole(db, who, ids, member),
  },
  { act: 'member.suspended', may: admins, takes: ['accountId'], ...ways, run: suspendMember },
  {
    act: 'member.reinstated',
    may: admins,
    takes: ['accountId'],
    ...ways,
    run: reinstateMember,
    first: suspendMember,
  },
  { act: 'member.removed', may: admins, takes: ['accountId'], ...ways, run: removeMember },
  {
    act: 'member.left',
    may: everyone.filter((who) => who !== 'admin'),
    takes: [],
    ...inPerson,
    run: (db, who, ids) => leaveOrganization(db, who as Person, ids.organizationId),
  },
  {
    act: 'team.created',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) => createTeam(db, who, ids.organizationId, named()),
  },
  {
    act: 'team.renamed',
    may: admins,
    takes: ['teamId'],
    ...notByToken,
    run: (db, who, ids) => renameTeam(db, who, ids, named()),
  },
  { act: 'team.deleted', may: admins, takes: ['teamId'], ...notByToken, run: deleteTeam },
  {
    act: 'team.member_added',
    may: admins,
    takes: ['teamId', 'accountId'],
    ...notByToken,
    run: addTeamMember,
  },
  {
    act: 'team.member_removed',
    may: admins,
    takes: ['teamId', 'accountId'],
    ...notByToken,
    run: removeTeamMember,
    first: addTeamMember,
  },
  {
    act: 'team.database_added',
    may: admins,
    takes: ['teamId', 'databaseId'],
    ...notByToken,
    run: addTeamDatabase,
  },
  {
    act: 'team.database_removed',
    may: admins,
    takes: ['teamId', 'databaseId'],
    ...notByToken,
    run: removeTeamDatabase,
  },
  {
    act: 'database.created',
    may: everyone,
    takes: [],
    ...ways,
    run: (db, who, ids) => createDatabase(db, who, ids.organizationId, freshSlug()),
  },
  {
    act: 'audit_log.read',
    may: admins,
    takes: [],
    ...notByToken,
    run: (db, who, ids) =>
      readAuditLog(db, who, ids.organizationId, {
        filters: {},
        limit: 5,
        cursorKey: Buffer.alloc(32),
      }),
  },
  {
    act: 'database.renamed',
    may: dbas,
    takes: ['databaseId'],
    ...ways,
    run: (db, who, ids) => renameDatabase(db, who, ids, freshSlug()),
  },
  { act: 'database.deleted', may: dbas, takes: ['databaseId'], ...ways, run: deleteDatabase },
  {
    act: 'database_role.given',
    may: dbas,
    takes: ['databaseId', 'accountId'],
    ...ways,
    run: (db, who, ids) => giveDatabaseRole(db, who, ids, 'database_reader'),
  },
  {
    act: 'database_role.taken',
    may: dbas,
    takes: ['databaseId', 'accountId'],
    ...ways,
    run: takeDatabaseRole,
    first: (db, who, ids) => giveDatabaseRole(db, who, ids, 'database_admin'),
  },
  {
    act: 'database_role.stepped_down',
    may: ['admin', 'dba', 'developer', 'reader'],
    takes: ['databaseId'],
    ...inPerson,
    run: (db, who, ids) => stepDown(db, who as Person, ids),
  },
  {
    act: 'branch.created',
    may: builders,
    takes: ['databaseId'],
    ...ways,
    run: (db, who, ids) => createBranch(db, who, ids, freshSlug()),
  },
  {
    act: 'access.read',
    may: builders,
    takes: ['databaseId', 'accountId'],
    ...ways,
    run: effectiveAccess,
  },
  {
    act: 'own_access.read',
    may: everyone,
    takes: ['databaseId'],
    ...persons,
    run: (db, who, ids) =>
      effectiveAccess(db, who, { ...ids, accountId: who.accountId ?? ids.accountId }),
  },
  {
    act: 'branch.renamed',
    may: builders,
    takes: ['databaseId', 'branchId'],
    ...ways,
    run: (db, who, ids) => renameBranch(db, who, ids, freshSlug()),
  },
  {
    act: 'branch.promoted',
    may: dbas,
    takes: ['databaseId', 'branchId'],
    ...ways,
    run: promoteBranch,
  },
  {
    act: 'branch.demoted',
    may: dbas,
    takes: ['databaseId', 'branchId'],
    ...ways,
    run: demoteBranch,
    first: promoteBranch,
  },
  {
    act: 'branch.deleted',
    may: builders,
    takes: ['databaseId', 'branchId'],
    ...ways,
    run: deleteBranch,
  },
];
