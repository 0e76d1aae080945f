/** Accounts and organizations for the tests, made by the use cases themselves. */

import { newId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import {
  administratorRole,
  type BaseRole,
  databaseAdministratorRole,
  databaseRoles,
  defaultBaseRole,
  memberRole,
} from '../../src/members/roles.ts';
import type { Actor, Person, Service } from '../../src/organizations/actor.ts';
import { createBranch } from '../../src/organizations/branches.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { giveDatabaseRole } from '../../src/organizations/database-people.ts';
import { createDatabase } from '../../src/organizations/databases.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { suspendMember } from '../../src/organizations/members.ts';
import { setBaseRole } from '../../src/organizations/organization-settings.ts';
import { RefusedError } from '../../src/organizations/refusals.ts';
import { addOwnSecret } from '../../src/organizations/resource-server-secrets.ts';
import { createOwnResourceServer } from '../../src/organizations/resource-servers.ts';
import { addTeamDatabase, addTeamMember } from '../../src/organizations/team-contents.ts';
import { createTeam } from '../../src/organizations/teams.ts';
import { registerOwn } from '../../src/portal/own-applications.ts';
import { addOwnSecret as addApplicationSecret } from '../../src/portal/own-secrets.ts';
import type { Owner } from '../../src/portal/owner.ts';
import { replaceRegistrationAccessToken } from '../../src/storage/clients/registrations.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { rememberHandOff } from '../../src/upstream/hand-offs.ts';
import { typedApplication } from './typed-application.ts';

/** The people of a test organization, by what they are there. */
export const people = [
  'admin',
  'dba',
  'teamDba',
  'developer',
  'reader',
  'member',
  'suspended',
  'closed',
  'outsider',
] as const;
export type Who = (typeof people)[number];

/** One id of each kind, as the use cases take them. */
export interface Ids {
  organizationId: string;
  databaseId: string;
  /** A development branch. */
  branchId: string;
  teamId: string;
  accountId: string;
  invitationId: string;
  resourceServerId: string;
  ownedApplicationId: string;
  ownedSecretId: string;
  /** Of the administrator alone. */
  personalApplicationId: string;
  personalSecretId: string;
  /** An application that registered itself, with `registrationToken` until the next world is made. */
  adoptableId: string;
  secretId: string;
}

export interface World {
  readonly ids: Ids;
  readonly accounts: Record<Who, string>;
}

const insertAccount = statement(`
  insert into accounts (id, email, name, email_verified_at, status)
  values ($1, $2, $3, case when $4 then now() end, $5)`);

/** Makes an account with the address `<id>@example.test`. */
export async function makeAccount(
  db: Database,
  { verified = true, status = 'active' } = {},
): Promise<string> {
  const id = newId();
  await db.query(insertAccount, [id, emailOf(id), 'Somebody', verified, status]);
  return id;
}

/** The address of an account that `makeAccount` made. */
export function emailOf(accountId: string): string {
  return `${accountId}@example.test`;
}

/** The challenge of a sign-in that `makeWorld` began for the organization. */
export function challengeOf(organizationId: string): string {
  return `usher_challenge_${organizationId.replaceAll('-', '').padEnd(49, '0')}`;
}

export function inSession(accountId: string): Person {
  return {
    accountId,
    via: { kind: 'session' },
    origin: { address: '192.0.2.1', userAgent: 'test' },
  };
}

export function byToken(accountId: string): Person {
  return { accountId, via: { kind: 'application', clientId: 'some-app' } };
}

const insertService = statement(`
  insert into clients (id, name, auth_method, scope) values ($1, 'Sync', 'private_key_jwt', $2)`);

/** Makes a service client of the platform. */
export async function makeService(db: Database, scope = 'platform:sync'): Promise<Service> {
  const clientId = newId();
  await db.query(insertService, [clientId, scope]);
  return { via: { kind: 'service', clientId } };
}

const insertApplication = statement(`
  insert into clients (id, name, auth_method, grant_types)
  values ($1, 'Application', 'none', '{authorization_code}') on conflict (id) do nothing`);

/** Makes an application that belongs to nobody. */
export async function makeApplication(db: Database, id = newId()): Promise<string> {
  await db.query(insertApplication, [id]);
  return id;
}

const insertConsent = statement(`
  insert into consents (id, account_id, client_id, asked_scope, version)
  values ($1, $2, $3, 'openid', 1)`);

const insertEntry = statement(`
  insert into consent_entries (id, consent_id, account_id, level, organization_id, scope, version)
  values ($1, $2, $3, 'organization', $4, $5, 1)`);

/** What a person allowed to an application: to be known, and one scope on an organization. */
export async function makeConsent(
  db: Database,
  accountId: string,
  clientId: string,
  organizationId?: string,
): Promise<void> {
  const consentId = newId();
  await db.query(insertConsent, [consentId, accountId, clientId]);
  if (organizationId === undefined) return;
  const scope = 'organization:read_organization';
  await db.query(insertEntry, [newId(), consentId, accountId, organizationId, scope]);
}

const suspendAccount = statement(`update accounts set status = 'suspended' where id = $1`);

let made = 0;

/** A slug that nothing else has. */
export function freshSlug(): string {
  made += 1;
  return `s${made}`;
}

/** Makes an organization with one person of each kind; `accountId` is one more plain member. */
export async function makeWorld(
  db: Database,
  baseRole: BaseRole = defaultBaseRole,
): Promise<World> {
  const entries = await Promise.all(
    people.map(async (who) => [who, await makeAccount(db)] as const),
  );
  const accounts = Object.fromEntries(entries) as Record<Who, string>;
  const admin = inSession(accounts.admin);
  const organizationId = await createOrganization(db, admin, { slug: freshSlug(), name: 'Acme' });
  await createOrganization(db, inSession(accounts.outsider), { slug: freshSlug(), name: 'Other' });

  const accountId = await makeAccount(db);
  for (const who of [
    ...people.filter((name) => name !== 'outsider' && name !== 'admin'),
    undefined,
  ]) {
    const isAdministrator = who === 'suspended' || who === 'closed';
    const role = isAdministrator ? administratorRole : memberRole;
    const id = who === undefined ? accountId : accounts[who];
    await insertMember(db, { organizationId, accountId: id, role });
  }
  const { id: databaseId } = await createDatabase(db, admin, organizationId, freshSlug());
  const place = { organizationId, databaseId };
  const { id: branchId } = await createBranch(db, admin, place, freshSlug());
  const { id: teamId } = await createTeam(db, admin, organizationId, {
    slug: freshSlug(),
    name: 'T',
  });
  await addTeamDatabase(db, admin, { ...place, teamId });
  await addTeamMember(db, admin, { organizationId, teamId, accountId: accounts.teamDba });
  const given = {
    dba: databaseAdministratorRole,
    developer: databaseRoles[1] ?? '',
    reader: databaseRoles[0] ?? '',
  };
  for (const [who, role] of Object.entries(given)) {
    await giveDatabaseRole(
      db,
      admin,
      { ...place, accountId: accounts[who as keyof typeof given] },
      role,
    );
  }
  const email = `${newId()}@example.test`;
  const invitation = await invite(db, admin, organizationId, {
    email,
    role: memberRole,
  });
  await rememberHandOff(
    db,
    { challenge: challengeOf(organizationId), browserId: organizationId },
    {
      destination: { kind: 'page', next: '/account' },
      isFresh: false,
      platform: 'https://platform.test',
      finish: 'https://usher.test/sign-in/hand-off/finish',
    },
  );
  await setBaseRole(db, admin, organizationId, baseRole);
  await suspendMember(db, admin, { organizationId, accountId: accounts.suspended });
  await db.query(suspendAccount, [accounts.closed]);
  return {
    accounts,
    ids: {
      organizationId,
      databaseId,
      branchId,
      teamId,
      accountId,
      invitationId: invitation.id,
      ...(await makeResourceServer(db, admin, organizationId)),
      ...(await makeOwnedApplication(db, admin, organizationId)),
      ...(await makePersonalApplication(db, admin)),
      adoptableId: await makeAdoptable(db),
    },
  };
}

/** An application of the organization's own, with a secret. */
async function makeOwnedApplication(db: Database, actor: Actor, organizationId: string) {
  const { clientId, secretId } = await makeApplicationOf(db, { actor, organizationId });
  return { ownedApplicationId: clientId, ownedSecretId: secretId };
}

/** An application of a person's own, with a secret. */
export async function makePersonalApplication(db: Database, actor: Person) {
  const { clientId, secretId } = await makeApplicationOf(db, { actor });
  return { personalApplicationId: clientId, personalSecretId: secretId };
}

async function makeApplicationOf(db: Database, owner: Owner) {
  const ids = { owner, clientId: `app_${newId()}` };
  const wish = { id: ids.clientId, typed: typedApplication, production: false };
  await registerOwn(db, owner, { ...wish, hasSecret: false });
  const secretId = newId();
  await addApplicationSecret(db, ids, { secretId, name: '', days: undefined });
  return { clientId: ids.clientId, secretId };
}

/** What proves that the application of the last world is one's own. */
export const registrationToken = 'usher_rat_of_the_last_world';

async function makeAdoptable(db: Database): Promise<string> {
  const id = newId();
  await db.query(insertDynamic, [id]);
  await db.query(takeToken, [sha256(registrationToken)]);
  await replaceRegistrationAccessToken(db, id, sha256(registrationToken));
  return id;
}

const insertDynamic = statement(`
  insert into clients (id, name, auth_method, grant_types, is_dynamic)
  values ($1, 'Wanderer', 'none', '{authorization_code}', true)`);
const takeToken = statement(`delete from provider_records where id = $1`);

/** One of an organization, at a host of its own, with a secret. */
async function makeResourceServer(db: Database, admin: Actor, organizationId: string) {
  const at = { organizationId, issuer: 'https://usher.test' };
  const { id: resourceServerId } = await createOwnResourceServer(db, admin, at, {
    name: 'API',
    audience: `https://${organizationId}.example.test/api`,
  });
  const { id: secretId } = await addOwnSecret(db, admin, { organizationId, resourceServerId });
  return { resourceServerId, secretId };
}

/** What came of a use case: `done`, or the code of the refusal with its reason. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'done';
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { refusal } = error;
    return 'reason' in refusal ? `${refusal.code} ${refusal.reason}` : refusal.code;
  }
}

/** What came of several attempts that are under way. */
export function outcomesOf(...attempts: Promise<unknown>[]): Promise<string[]> {
  return Promise.all(attempts.map(outcomeOf));
}

/** One use case, ready to be tried by anybody on any ids. */
export type Attempt = (db: Database, actor: Actor, ids: Ids) => Promise<unknown>;
