/** Turns a random world into the plain facts that the decisions take, as a query would. */

import { parseScopeSet, type ScopeSet } from '../../src/catalogue/scope-set.ts';
import type { ConsentEntry } from '../../src/decisions/consented-scopes.ts';
import type {
  AccessClass,
  BelowFacts,
  OrganizationStatus,
  ReachedEntry,
  UseFacts,
} from '../../src/decisions/effective-scopes.ts';
import type { Candidate, ConsentFacts } from '../../src/decisions/grantable-scopes.ts';
import { type PolicyCeiling, policyCeiling } from '../../src/decisions/policy.ts';
import type { Target } from '../../src/decisions/target-kinds.ts';
import type { DatabaseRoles, Membership } from '../../src/members/permissions.ts';
import { covers } from './oracle.ts';
import type { Entry, Resource, World } from './worlds.ts';

const set = (scopes: string[]): ScopeSet => parseScopeSet(scopes.join(' '));

function membershipOf({ organizationRole, baseRole }: World): Membership | undefined {
  return organizationRole === undefined ? undefined : { organizationRole, baseRole };
}

function ceilingOf({ policy }: World): PolicyCeiling {
  const { mode, isGuarded, owned, verified, isShutOut, approval, ageSeconds } = policy;
  return policyCeiling({
    policy: mode,
    guardsProduction: isGuarded,
    owned,
    verified,
    isShutOut,
    approval: approval && {
      scopes: approval.scopes && set(approval.scopes),
      production: approval.production,
      maxGrantSeconds: approval.seconds,
    },
    grantAgeSeconds: ageSeconds,
  });
}

export function statusOf(world: World): OrganizationStatus {
  const { issued, registered, version } = world.token;
  return {
    token: { issued: set(issued), registered: set(registered), consentVersion: version },
    membership: membershipOf(world),
    policy: ceilingOf(world),
  };
}

function rolesOn(world: World, database: number): DatabaseRoles {
  const team = world.teams.some((one) => one.joined && one.databases.includes(database));
  return { direct: world.databases[database]?.direct, team };
}

function rolesAt(world: World, resource: Resource): DatabaseRoles {
  return 'database' in resource
    ? rolesOn(world, resource.database)
    : { direct: undefined, team: false };
}

function targetOf(resource: Resource): Target {
  return resource.kind === 'branch'
    ? { type: 'branch', production: resource.production }
    : { type: resource.kind };
}

export function entryOf(entry: Entry): ConsentEntry {
  const { resource, scopes, version, remembered } = entry;
  const rests = entry.isOld && resource.kind !== 'user';
  const production = resource.kind === 'branch' ? remembered : undefined;
  const hasChoice = resource.kind === 'organization' || resource.kind === 'database';
  const includesProduction = hasChoice ? entry.includesProduction : true;
  const agreed = { version, production, includesProduction, rests };
  return { level: resource.kind, scopes: set(scopes), ...agreed };
}

/** The access classes under a resource: databases with the same roles become one. */
function classesOf(world: World, resource: Resource): AccessClass[] {
  if (resource.kind === 'user') return [];
  if (resource.kind === 'branch') {
    const { production } = resource;
    return [{ ...rolesAt(world, resource), production, development: !production }];
  }
  const classes = new Map<string, AccessClass>();
  world.databases.forEach(({ branches }, database) => {
    if (!covers(resource, { kind: 'database', database })) return;
    const roles = rolesOn(world, database);
    const known = classes.get(JSON.stringify(roles));
    classes.set(JSON.stringify(roles), {
      ...roles,
      production: branches.includes(true) || known?.production === true,
      development: branches.includes(false) || known?.development === true,
    });
  });
  return [...classes.values()];
}

export function reachedEntryOf(world: World, entry: Entry): ReachedEntry {
  return { entry: entryOf(entry), reached: classesOf(world, entry.resource) };
}

function entriesCovering(world: World, resource: Resource): ConsentEntry[] {
  return world.entries.filter((entry) => covers(entry.resource, resource)).map(entryOf);
}

export function useFactsOf(world: World, resource: Resource): UseFacts {
  return {
    ...statusOf(world),
    entries: entriesCovering(world, resource),
    databaseRoles: rolesAt(world, resource),
    target: targetOf(resource),
  };
}

export function belowFactsOf(world: World, resource: Resource): BelowFacts {
  const under = world.entries.filter(
    (entry) => covers(resource, entry.resource) && entry.resource.kind !== resource.kind,
  );
  return {
    ...statusOf(world),
    entries: entriesCovering(world, resource),
    target: targetOf(resource),
    databases: classesOf(world, resource),
    children: under.map((entry) => reachedEntryOf(world, entry)),
  };
}

export function consentFactsOf(world: World, resource: Resource): ConsentFacts {
  return {
    candidate: candidateOf(world, resource),
    membership: membershipOf(world),
    policy: ceilingOf(world),
  };
}

function candidateOf(world: World, resource: Resource): Candidate {
  const databaseRoles = rolesAt(world, resource);
  switch (resource.kind) {
    case 'user':
      return { type: 'user' };
    case 'organization':
      return { type: 'organization', databases: classesOf(world, resource) };
    case 'database':
      return { type: 'database', databaseRoles };
    case 'branch':
      return { type: 'branch', databaseRoles, production: resource.production };
  }
}
