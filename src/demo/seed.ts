/**
 * Writes the demo data into a database without accounts, in one transaction.
 *
 * @module
 */

import { hashPassword } from '../accounts/password-hashing.ts';
import { allScopes, formatScope, parseScopeSet } from '../catalogue/scope-set.ts';
import { played } from '../catalogue-files/demo-file.ts';
import { newId } from '../lib/ids.ts';
import { addClientSecret } from '../storage/clients/client-secrets.ts';
import { saveClient } from '../storage/clients/clients.ts';
import { saveAcceptedScopes } from '../storage/clients/resource-servers.ts';
import { brokeConstraint, type Database, type Db, statement } from '../storage/engine/database.ts';
import {
  type DemoClient,
  type DemoOrganization,
  demo,
  demoClients,
  demoPassword,
} from './demo-data.ts';

const countAccounts = statement('select count(*)::int as count from accounts');
const insertAccount = statement(`
  insert into accounts (id, email, name, password_hash, email_verified_at)
  values ($1, $2, $3, $4, now())`);
const insertOperator = statement('insert into operators (account_id) values ($1)');
const insertOrganization = statement(
  'insert into organizations (id, slug, name, base_role) values ($1, $2, $3, $4)',
);
const insertMember = statement(
  'insert into organization_members (organization_id, account_id, role) values ($1, $2, $3)',
);
const insertDatabase = statement(
  'insert into databases (id, organization_id, slug) values ($1, $2, $3)',
);
const insertBranch = statement(`
  insert into branches (id, organization_id, database_id, slug, production)
  values ($1, $2, $3, $4, $5)`);
const insertRole = statement(`
  insert into database_roles (database_id, account_id, organization_id, role)
  values ($1, $2, $3, $4)`);
const insertTeam = statement(
  'insert into teams (id, organization_id, slug, name) values ($1, $2, $3, $4)',
);
const insertTeamMember = statement(
  'insert into team_members (team_id, organization_id, account_id) values ($1, $2, $3)',
);
const insertTeamDatabase = statement(
  'insert into team_databases (team_id, organization_id, database_id) values ($1, $2, $3)',
);

/** Ids by the names of the documentation. */
type Ids = ReadonlyMap<string, string>;

/** @returns whether the data was written; false when there are accounts already. */
export async function seedDemo(database: Database, issuer: string): Promise<boolean> {
  const [row] = await database.query<{ count: number }>(countAccounts);
  if (row?.count !== 0) return false;
  const passwordHash = await hashPassword(demoPassword);
  try {
    await database.run((tx) => seedAll(tx, issuer, passwordHash));
    return true;
  } catch (error) {
    if (brokeConstraint(error, 'accounts_email_key')) return false; // another node was first
    throw error;
  }
}

const follow = statement(`
  update clients
     set redirect_uris = array(
           select case when uri like '%/demo/callback' then $1 else uri end
             from unnest(redirect_uris) with ordinality as all_uris (uri, place) order by place)
   where id = '${played.application}' and not ($1 = any (redirect_uris))`);

/** Lets the demo's own application follow an issuer that has changed, such as to another port. */
export async function followIssuer(db: Db, issuer: string): Promise<void> {
  await db.query(follow, [`${issuer}/demo/callback`]);
}

async function seedAll(tx: Db, issuer: string, passwordHash: string): Promise<void> {
  const accounts = await seedAccounts(tx, passwordHash);
  const organizations = new Map<string, string>();
  for (const organization of demo.organizations) {
    organizations.set(organization.slug, await seedOrganization(tx, organization, accounts));
  }
  for (const client of demoClients(issuer)) await seedClient(tx, client, organizations);
}

async function seedAccounts(tx: Db, passwordHash: string): Promise<Ids> {
  const ids = new Map(demo.accounts.map((email) => [email, newId()]));
  for (const [email, id] of ids) {
    await tx.query(insertAccount, [id, email, nameOf(email), passwordHash]);
  }
  for (const email of demo.operators) await tx.query(insertOperator, [ids.get(email)]);
  return ids;
}

async function seedOrganization(
  tx: Db,
  organization: DemoOrganization,
  accounts: Ids,
): Promise<string> {
  const { slug, baseRole, members, roles, teams } = organization;
  const id = newId();
  await tx.query(insertOrganization, [id, slug, capital(slug), baseRole]);
  for (const [email, role] of Object.entries(members)) {
    await tx.query(insertMember, [id, accounts.get(email), role]);
  }
  const databases = await seedDatabases(tx, id, organization);
  for (const { account, database, role } of roles) {
    await tx.query(insertRole, [databases.get(database), accounts.get(account), id, role]);
  }
  for (const team of teams) await seedTeam(tx, id, team, { accounts, databases });
  return id;
}

async function seedTeam(
  tx: Db,
  organizationId: string,
  { slug, members, databases: administered }: DemoOrganization['teams'][number],
  { accounts, databases }: { readonly accounts: Ids; readonly databases: Ids },
): Promise<void> {
  const id = newId();
  await tx.query(insertTeam, [id, organizationId, slug, capital(slug)]);
  for (const email of members) {
    await tx.query(insertTeamMember, [id, organizationId, accounts.get(email)]);
  }
  for (const slugOf of administered) {
    await tx.query(insertTeamDatabase, [id, organizationId, databases.get(slugOf)]);
  }
}

async function seedDatabases(
  tx: Db,
  organizationId: string,
  { databases }: DemoOrganization,
): Promise<Ids> {
  const ids = new Map<string, string>();
  for (const [slug, branches] of Object.entries(databases)) {
    const id = newId();
    ids.set(slug, id);
    await tx.query(insertDatabase, [id, organizationId, slug]);
    for (const branch of branches) {
      const isProduction = demo.productionBranches.includes(branch);
      await tx.query(insertBranch, [newId(), organizationId, id, branch, isProduction]);
    }
  }
  return ids;
}

/** Whoever runs the demo put its applications there: people of each organization may trust them. */
const vouch = statement('update clients set is_verified = true where id = $1');

async function seedClient(tx: Db, client: DemoClient, organizations: Ids): Promise<void> {
  const owner = client.owner === undefined ? undefined : organizations.get(client.owner);
  const isApplication = client.resourceServer === undefined;
  await saveClient(tx, {
    id: client.id,
    name: client.name,
    applicationType: client.applicationType,
    authMethod: client.secret === undefined ? 'none' : 'client_secret_basic',
    redirectUris: client.redirectUris,
    grantTypes: isApplication ? ['authorization_code', 'refresh_token'] : [],
    scope: isApplication ? scopeOf(client) : '',
    status: 'active',
    dynamic: false,
    requiresResource: false,
    dpopBoundAccessTokens: false,
    idTokenSignedResponseAlg: 'RS256',
    resourceServer: resourceServerOf(client, owner),
    ...(owner === undefined ? {} : { ownerOrganizationId: owner }),
    ...(client.audience === undefined ? {} : { audience: client.audience }),
  });
  if (isApplication) await tx.query(vouch, [client.id]);
  if (!isApplication && client.scope !== '') {
    const accepted = parseScopeSet(scopeOf(client));
    await saveAcceptedScopes(tx, client.id, { accepted, usual: accepted });
  }
  if (client.secret !== undefined) await addClientSecret(tx, client.id, client.secret);
}

function scopeOf({ scope }: DemoClient): string {
  return scope === 'all' ? formatScope(allScopes) : scope;
}

function resourceServerOf({ resourceServer }: DemoClient, owner: string | undefined) {
  if (resourceServer === 'platform') return { kind: 'platform' } as const;
  if (resourceServer === undefined || owner === undefined) return undefined;
  return { kind: 'organization', organizationId: owner } as const;
}

/** `admin@acme.test` is called "Admin (acme)". */
function nameOf(email: string): string {
  const [local = '', domain = ''] = email.split('@');
  return `${capital(local)} (${domain.split('.')[0]})`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
