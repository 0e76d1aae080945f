/** Writes the random worlds of test/decisions into a database. */

import { printId } from '../../src/lib/ids.ts';
import type { Db } from '../../src/storage/engine/database.ts';
import { cast } from '../catalogue/rows-in-use.ts';
import type { Resource, World } from '../decisions/worlds.ts';
import {
  type Account,
  type Branch,
  inSeconds,
  type Organization,
  type Picked,
  type TreeDatabase,
  worldIn,
} from '../support/world.ts';

export interface WrittenWorld {
  world: World;
  token: string;
  /** Whose it is. */
  accountId: string;
  /** OpenID's scopes that the token was issued with. */
  openid: string;
  /** Client ids. */
  askers: Record<AskerKind, string>;
  named(resource: Resource): { identifier: string; path: string };
}

/**
 * The token's own client, a platform resource server, one that requires a resource, one of the
 * organization, and an application of the organization.
 */
export type AskerKind = 'own' | 'platform' | 'careful' | 'tenant' | 'other';

interface Tree {
  account: Account;
  organization: Organization;
  databases: TreeDatabase[];
  branches: Branch[][];
}

/** A limit that will not be reached while the test runs; the oracle's grants are 60 s old. */
const farLimit = 3600;

/** The organization's longest age of entries. */
const entryDays = 30;
const daySeconds = 86_400;

/** A stranger becomes a suspended member, who alone can have entries; the rest stands as it is. */
export async function writeWorld(db: Db, world: World, openid: string): Promise<WrittenWorld> {
  const rows = worldIn(db);
  const tree = await writeTree(db, world);
  const { organization, account } = tree;
  const owner = world.policy.owned ? organization.id : null;
  const app = await rows.client({
    scope: world.token.registered.join(' '),
    owner_organization_id: owner,
    is_verified: world.policy.verified,
  });
  if (world.policy.isShutOut) await rows.shutOut(organization, app);
  await writeApproval(db, world, organization, app);
  const consent = await rows.consent(account, app, { version: 3 });
  for (const {
    resource,
    scopes,
    version,
    remembered,
    includesProduction,
    isOld,
  } of world.entries) {
    const hasChoice = resource.kind === 'organization' || resource.kind === 'database';
    const agreed = {
      ...(resource.kind === 'branch' ? { production: remembered } : {}),
      ...(hasChoice ? { includes_production: includesProduction } : {}),
    };
    const consented_at = inSeconds(
      isOld ? -entryDays * daySeconds : -entryDays * daySeconds + farLimit,
    );
    const columns = { version, ...agreed, consented_at };
    await rows.entry(consent, pickedIn(tree, resource), scopes.join(' '), columns);
  }
  const grant = await rows.grant(consent, { created_at: inSeconds(-world.policy.ageSeconds) });
  const scope = [openid, ...world.token.issued].filter((part) => part !== '').join(' ');
  const columns = { scope, consent_version: world.token.version };
  const token = await rows.token(grant, columns);
  const askers = await writeAskers(db, organization, app.id);
  const { id: accountId } = account;
  return { world, token, accountId, openid, askers, named: (resource) => nameIn(tree, resource) };
}

async function writeTree(db: Db, world: World): Promise<Tree> {
  const rows = worldIn(db);
  const account = await rows.account();
  const organization = await rows.organization({
    base_role: world.baseRole,
    max_entry_days: entryDays,
    application_policy: world.policy.mode,
    guards_production: world.policy.isGuarded,
    shuts_out: world.policy.isShutOut,
  });
  await rows.member(organization, account, {
    role: world.organizationRole ?? cast.administrator,
    suspended_at: world.organizationRole === undefined ? inSeconds(-1) : null,
  });
  const tree: Tree = { account, organization, databases: [], branches: [] };
  for (const { direct, branches } of world.databases) {
    const database = await rows.database(organization);
    if (direct !== undefined) await rows.role(database, account, direct);
    const made: Branch[] = [];
    for (const production of branches) made.push(await rows.branch(database, { production }));
    tree.databases.push(database);
    tree.branches.push(made);
  }
  for (const { joined, databases } of world.teams) {
    const ofTeam = tree.databases.filter((_, n) => databases.includes(n));
    await rows.team(organization, joined ? [account] : [], ofTeam);
  }
  return tree;
}

async function writeApproval(
  db: Db,
  { policy: { approval } }: World,
  organization: Organization,
  app: { id: string },
): Promise<void> {
  if (approval === undefined) return;
  const { scopes, production, seconds } = approval;
  await worldIn(db).approval(organization, app, {
    scope: scopes?.join(' ') ?? null,
    production,
    max_grant_seconds: seconds !== undefined && seconds > 60 ? farLimit : (seconds ?? null),
  });
}

async function writeAskers(
  db: Db,
  { id: owner_organization_id }: Organization,
  own: string,
): Promise<Record<AskerKind, string>> {
  const { client } = worldIn(db);
  const platform = { resource_server: 'platform' };
  const tenant = { resource_server: 'organization', owner_organization_id };
  return {
    own,
    platform: (await client(platform)).id,
    careful: (await client({ ...platform, requires_resource: true })).id,
    tenant: (await client(tenant)).id,
    other: (await client({ owner_organization_id })).id,
  };
}

function pickedIn({ organization, databases, branches }: Tree, resource: Resource): Picked {
  switch (resource.kind) {
    case 'user':
      return undefined;
    case 'organization':
      return organization;
    case 'database':
      return databases[resource.database];
    case 'branch':
      return branches[resource.database]?.[resource.branch];
  }
}

function nameIn(tree: Tree, resource: Resource) {
  const { kind } = resource;
  const id = pickedIn(tree, resource)?.id ?? tree.account.id;
  const database = 'database' in resource ? tree.databases[resource.database] : undefined;
  const branch =
    kind === 'branch' ? tree.branches[resource.database]?.[resource.branch] : undefined;
  const slugs = [
    `organizations/${tree.organization.slug}`,
    ...(database ? [`databases/${database.slug}`] : []),
    ...(branch ? [`branches/${branch.slug}`] : []),
  ];
  return { identifier: printId(kind, id), path: kind === 'user' ? 'user' : slugs.join('/') };
}
