/** Random organizations with one member in view: databases, branches, teams, roles and a consent. */

import fc from 'fast-check';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { cast } from '../catalogue/rows-in-use.ts';

export type Resource =
  | { kind: 'user' }
  | { kind: 'organization' }
  | { kind: 'database'; database: number }
  | { kind: 'branch'; database: number; branch: number; production: boolean };

export interface Entry {
  resource: Resource;
  scopes: string[];
  version: number;
  /** Of a branch: whether it was production when the user agreed. */
  remembered: boolean;
  /** Of an organization or a database: whether its production branches are included. */
  includesProduction: boolean;
  /** Whether it is older than the organization lets one grow; an account's never is. */
  isOld: boolean;
}

interface Database {
  direct: string | undefined;
  /** The production flag of each branch. */
  branches: boolean[];
}

export interface World {
  organizationRole: string | undefined;
  baseRole: string;
  databases: Database[];
  /** Each team: whether the member is in it, and the databases it has. */
  teams: { joined: boolean; databases: number[] }[];
  policy: {
    mode: 'open' | 'verified_only' | 'approval_required';
    /** Whether unverified applications need an approval for production. */
    isGuarded: boolean;
    owned: boolean;
    verified: boolean;
    isShutOut: boolean;
    approval:
      | { scopes: string[] | undefined; production: boolean; seconds: number | undefined }
      | undefined;
    ageSeconds: number;
  };
  entries: Entry[];
  token: { issued: string[]; registered: string[]; version: number };
}

/** Mostly the whole catalogue, so that single missing scopes do not hide everything else. */
const someScopes = fc.oneof(
  fc.constant<string[]>([...scopeNames]),
  fc.subarray<string>([...scopeNames]),
);

const database: fc.Arbitrary<Database> = fc.record({
  direct: fc.constantFrom(undefined, ...cast.databaseRoles),
  branches: fc.array(fc.boolean(), { maxLength: 3 }),
});

const policy: fc.Arbitrary<World['policy']> = fc.record({
  mode: fc.constantFrom('open', 'verified_only', 'approval_required'),
  isGuarded: fc.boolean(),
  owned: fc.boolean(),
  verified: fc.boolean(),
  isShutOut: fc.constantFrom(false, false, false, false, false, true),
  approval: fc.option(
    fc.record({
      scopes: fc.option(someScopes, { nil: undefined }),
      production: fc.boolean(),
      seconds: fc.option(fc.constantFrom(59, 60, 61), { nil: undefined }),
    }),
    { nil: undefined },
  ),
  ageSeconds: fc.constant(60),
});

/** Every resource that exists in a world. */
export function resourcesOf({ databases }: Pick<World, 'databases'>): Resource[] {
  const inDatabases = databases.flatMap(({ branches }, database): Resource[] => [
    { kind: 'database', database },
    ...branches.map((production, branch) => ({
      kind: 'branch' as const,
      database,
      branch,
      production,
    })),
  ]);
  return [{ kind: 'user' }, { kind: 'organization' }, ...inDatabases];
}

export const worlds: fc.Arbitrary<World> = fc.array(database, { maxLength: 4 }).chain((databases) =>
  fc.record({
    databases: fc.constant(databases),
    organizationRole: fc.constantFrom(...cast.organizationRoles, undefined, cast.member),
    baseRole: fc.constantFrom(...cast.baseRoles),
    teams: fc.array(
      fc.record({ joined: fc.boolean(), databases: fc.subarray(databases.map((_, n) => n)) }),
      { maxLength: 2 },
    ),
    policy,
    entries: fc.array(
      fc.record({
        resource: fc.constantFrom(...resourcesOf({ databases })),
        scopes: someScopes,
        version: fc.integer({ min: 1, max: 3 }),
        remembered: fc.boolean(),
        includesProduction: fc.boolean(),
        isOld: fc.constantFrom(false, false, false, true),
      }),
      { maxLength: 6 },
    ),
    token: fc.record({
      issued: someScopes,
      registered: someScopes,
      version: fc.integer({ min: 1, max: 3 }),
    }),
  }),
);
