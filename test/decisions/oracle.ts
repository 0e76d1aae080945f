/**
 * The rules of consents and grants once more, told naively over whole trees of databases and
 * branches and the published data alone. Shares nothing with `src`.
 */

import type { ScopeRow } from '../catalogue/published-data.ts';
import { keysOnDatabase, permissionRows, scopeRows } from '../catalogue/rows-in-use.ts';
import { type Entry, type Resource, resourcesOf, type World } from './worlds.ts';

/** What gives the member permissions on a resource, by the keys of the data. */
function rolesOn(world: World, resource: Resource): ReadonlySet<string> {
  const { organizationRole, baseRole, databases, teams } = world;
  if (organizationRole === undefined || resource.kind === 'user') return new Set();
  if (resource.kind === 'organization') return new Set([organizationRole]);
  const { database } = resource;
  const isInTeam = teams.some((team) => team.joined && team.databases.includes(database));
  return keysOnDatabase(organizationRole, baseRole, databases[database]?.direct, isInTeam);
}

/** What a scope requires on a resource; null where it never reaches. */
function required(row: ScopeRow, resource: Resource): string[] | null {
  if (row.actsOn !== resource.kind) return null;
  if (Array.isArray(row.requires)) return row.requires;
  const production = resource.kind === 'branch' && resource.production;
  return production ? row.requires.production : row.requires.development;
}

function permits(world: World, row: ScopeRow, resource: Resource): boolean {
  const needed = required(row, resource);
  if (needed === null) return false;
  const roles = rolesOn(world, resource);
  return needed.every((id) =>
    permissionRows.some(
      (permission) => permission.id === id && permission.roles.some((role) => roles.has(role)),
    ),
  );
}

function policyLeaves({ policy }: World, row: ScopeRow, resource: Resource): boolean {
  if (resource.kind === 'user') return true;
  if (policy.isShutOut) return false;
  if (policy.owned) return true;
  const isFree = policy.mode === 'open' || (policy.mode === 'verified_only' && policy.verified);
  const isProduction = resource.kind === 'branch' && resource.production;
  const { approval } = policy;
  const stands =
    approval !== undefined &&
    (approval.seconds === undefined || policy.ageSeconds < approval.seconds);
  const production = stands && approval.production;
  if (isFree) return !isProduction || !policy.isGuarded || policy.verified || production;
  if (!stands || (isProduction && !production)) return false;
  return approval.scopes === undefined || approval.scopes.includes(row.scope);
}

/** Whether one resource is another or stands above it. */
export function covers(above: Resource, resource: Resource): boolean {
  if (above.kind === 'user' || resource.kind === 'user') return above.kind === resource.kind;
  if (above.kind === 'organization') return true;
  if (resource.kind === 'organization' || above.database !== resource.database) return false;
  if (above.kind === 'database') return true;
  return resource.kind === 'branch' && above.branch === resource.branch;
}

function gives(world: World, entry: Entry, row: ScopeRow, resource: Resource): boolean {
  if (!covers(entry.resource, resource) || entry.version > world.token.version) return false;
  if (entry.isOld && entry.resource.kind !== 'user') return false;
  if (row.level !== entry.resource.kind || !entry.scopes.includes(row.scope)) return false;
  const isWithin = entry.resource.kind === 'organization' || entry.resource.kind === 'database';
  const isProduction = resource.kind === 'branch' && resource.production;
  if (isWithin && isProduction && !entry.includesProduction) return false;
  if (row.level !== 'branch' || resource.kind !== 'branch' || Array.isArray(row.requires))
    return true;
  const { development, production } = row.requires;
  const sameRule = JSON.stringify(development) === JSON.stringify(production);
  return sameRule || entry.remembered === resource.production;
}

/** The scopes that hold on a resource now, by the given entries. */
export function effective(world: World, resource: Resource, entries = world.entries): string[] {
  return scopeRows
    .filter((row) => world.token.issued.includes(row.scope))
    .filter((row) => world.token.registered.includes(row.scope))
    .filter((row) => entries.some((entry) => gives(world, entry, row, resource)))
    .filter((row) => permits(world, row, resource) && policyLeaves(world, row, resource))
    .map((row) => row.scope);
}

/** The scopes that hold on at least one of the resources. */
function onAny(world: World, resources: Resource[], entries = world.entries): string[] {
  const held = new Set(resources.flatMap((resource) => effective(world, resource, entries)));
  return scopeRows.map((row) => row.scope).filter((scope) => held.has(scope));
}

/** The scopes that hold on a child, each database having one more branch that is yet to be made. */
export function below(world: World, target: Resource): string[] {
  if (target.kind === 'branch') return [];
  const toBeMade = world.databases.map(
    (_, database): Resource => ({ kind: 'branch', database, branch: -1, production: false }),
  );
  const children = [...resourcesOf(world), ...toBeMade].filter(
    (resource) => covers(target, resource) && resource.kind !== target.kind,
  );
  return onAny(world, children);
}

/** The scopes of one entry that hold on an existing resource it reaches. */
export function actions(world: World, entry: Entry): string[] {
  const reached = resourcesOf(world).filter((resource) => covers(entry.resource, resource));
  return onAny(world, reached, [entry]);
}

/** A resource and all that may stand under it: each database has a branch of either kind. */
export function placesUnder(world: World, picked: Resource): Resource[] {
  const databases = world.databases.map(
    (_, database): Resource => ({ kind: 'database', database }),
  );
  return [picked, ...databases].flatMap((place): Resource[] => {
    if (!covers(picked, place)) return [];
    if (place.kind !== 'database') return [place];
    const branch = { kind: 'branch', database: place.database, branch: -1 } as const;
    return [place, { ...branch, production: true }, { ...branch, production: false }];
  });
}

const holds = (world: World, row: ScopeRow) => (place: Resource) =>
  permits(world, row, place) && policyLeaves(world, row, place);

/**
 * The scopes of the resource's level that the member's role gives there on some kind of branch;
 * without production branches of what is picked, on anything else.
 */
export function grantable(world: World, picked: Resource, includesProduction = true): string[] {
  const places = placesUnder(world, picked).filter(
    (place) =>
      includesProduction ||
      picked.kind === 'branch' ||
      place.kind !== 'branch' ||
      !place.production,
  );
  return scopeRows
    .filter((row) => row.level === picked.kind && places.some(holds(world, row)))
    .map((row) => row.scope);
}

/** Where a scope does not hold now, though its rule reaches there: everywhere, or on some databases. */
export function withheld(world: World, picked: Resource, scope: string): string[] {
  const row = scopeRows.find((one) => one.scope === scope);
  if (row === undefined) throw new Error(scope);
  const kindOf = (place: Resource) =>
    place.kind === 'branch' ? ['development', 'production'][Number(place.production)] : undefined;
  const places = placesUnder(world, picked).filter((place) => required(row, place) !== null);
  const parts = ['development', 'production', undefined].map((kind) => {
    const here = places.filter((place) => kindOf(place) === kind);
    const held = here.filter(holds(world, row)).length;
    if (held === here.length) return [];
    return held > 0 ? 'some_databases' : (kind ?? []);
  });
  const told = parts.flat();
  const kinds = told.filter((part) => part !== 'some_databases');
  return told.length > kinds.length ? [...kinds, 'some_databases'] : kinds;
}
