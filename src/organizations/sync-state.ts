/**
 * What is there when a batch of lines begins, and as the lines done so far leave it: rules that look
 * at more than one line are asked of this, and not of the database, which knows of none of them yet.
 *
 * @module
 */

import { newId } from '../lib/ids.ts';
import type { DatabaseRole, OrganizationRole } from '../members/roles.ts';
import type { Db } from '../storage/engine/database.ts';
import type { ExternalIdentity } from '../storage/people/external-identities.ts';
import {
  countProductionBranches,
  findSyncedBranches,
  findSyncedDatabases,
  findSyncedMembers,
  type SyncedBranch,
  type SyncedDatabase,
  type SyncedMember,
} from '../storage/tree/sync-rows.ts';
import { invalid } from './refusals.ts';
import type { LineOf, SyncLine } from './sync-lines.ts';
import {
  type AddedAccount,
  readSubjects,
  type SubjectRules,
  type Subjects,
} from './sync-subjects.ts';

/** Where lines are done, and what they may do. */
export interface SyncContext {
  readonly organizationId: string;
  /** Whether they may make administrators. */
  readonly mayRaise: boolean;
  readonly rules: SubjectRules | undefined;
}

/** What is there, as the lines done so far would leave it. */
export interface State {
  readonly organizationId: string;
  /** Whether the lines may make administrators. */
  readonly mayRaise: boolean;
  readonly databases: Map<string, SyncedDatabase>;
  readonly databaseSlugs: Map<string, SyncedDatabase>;
  readonly branches: Map<string, SyncedBranch>;
  /** By the database's id and the slug. */
  readonly branchSlugs: Map<string, SyncedBranch>;
  /** By address, by id, and by the key of a subject. */
  readonly members: Map<string, SyncedMember>;
  readonly subjects: Subjects;
  /** By the database's id: how many production branches it has. */
  readonly productionCounts: Map<string, number>;
  /** The things that a line has spoken of. */
  readonly seen: Set<string>;
  readonly added: {
    readonly databases: SyncedDatabase[];
    readonly branches: SyncedBranch[];
    readonly accounts: AddedAccount[];
    readonly identities: (ExternalIdentity & { readonly accountId: string })[];
    readonly members: { readonly accountId: string; readonly role: OrganizationRole }[];
  };
  /** Given directly on databases; undefined: taken. */
  roles: {
    readonly databaseId: string;
    readonly accountId: string;
    readonly role: DatabaseRole | undefined;
  }[];
  readonly changed: Set<SyncedDatabase | SyncedBranch>;
}

/** Reads all that the lines name, in a few statements. */
export async function readState(
  tx: Db,
  { organizationId, mayRaise, rules }: SyncContext,
  lines: readonly SyncLine[],
): Promise<State> {
  const { databases, branches, databaseSlugs } = await readTree(tx, organizationId, lines);
  const subjects = await readSubjects(tx, organizationId, rules, lines);
  const members = await readMembers(tx, organizationId, lines, subjects);
  const parents = new Set(branches.map(({ databaseId }) => databaseId));
  return {
    organizationId,
    mayRaise,
    databases,
    databaseSlugs,
    branches: byName(branches),
    branchSlugs: new Map(branches.map((branch) => [slugKey(branch), branch])),
    members,
    subjects,
    productionCounts: await countProductionBranches(tx, [...parents]),
    seen: new Set(),
    added: { databases: [], branches: [], accounts: [], identities: [], members: [] },
    roles: [],
    changed: new Set(),
  };
}

/** The databases that lines name, by external id or slug, and then the branches in them. */
async function readTree(tx: Db, organizationId: string, lines: readonly SyncLine[]) {
  const ofDatabases = lines.filter((line) => line.type === 'database');
  const ofBranches = lines.filter((line) => line.type === 'branch');
  const ofRoles = lines.filter((line) => line.type === 'database_role');
  const databases = await findSyncedDatabases(
    tx,
    organizationId,
    [
      ...ofDatabases.map(({ externalId }) => externalId),
      ...[...ofBranches, ...ofRoles].map(({ database }) => database),
    ],
    ofDatabases.map(({ slug }) => slug),
  );
  const here = databases.filter((database) => database.organizationId === organizationId);
  const byExternalId = byName(databases);
  const databaseSlugs = new Map(here.map((database) => [database.slug, database]));
  const adopted = adoptedBy(ofDatabases, databaseSlugs);
  const branches = await findSyncedBranches(
    tx,
    ofBranches.map(({ externalId }) => externalId),
    ofBranches.flatMap(({ database, slug }) => {
      const parent = byExternalId.get(database) ?? adopted.get(database);
      return parent === undefined ? [] : [{ databaseId: parent.id, slug }];
    }),
  );
  return { databases: byExternalId, branches, databaseSlugs };
}

/** The people that lines name, by e-mail address, by id and by subject. */
async function readMembers(
  tx: Db,
  organizationId: string,
  lines: readonly SyncLine[],
  { known }: Subjects,
) {
  const who = lines.flatMap((line) => ('who' in line ? [line.who] : []));
  const members = await findSyncedMembers(
    tx,
    organizationId,
    who.flatMap((one) => ('email' in one && one.email !== undefined ? [one.email] : [])),
    [
      ...who.flatMap((one) => ('accountId' in one ? [one.accountId] : [])),
      ...known.map(([, { accountId }]) => accountId),
    ],
  );
  const found = new Map(
    members.flatMap((one) => [[one.email, one] as const, [one.accountId, one] as const]),
  );
  // One object each, however often somebody is named: what a line changes of it the next line sees.
  for (const [key, one] of known) found.set(key, found.get(one.accountId) ?? one);
  return found;
}

/**
 * Databases without a name of the platform, by the name that a line of this batch gives them: lines
 * after it may speak of their branches.
 */
function adoptedBy(
  lines: readonly LineOf<'database'>[],
  bySlug: ReadonlyMap<string, SyncedDatabase>,
): Map<string, SyncedDatabase> {
  const pairs = lines.flatMap(({ externalId, slug }) => {
    const holder = bySlug.get(slug);
    return holder?.externalId === null ? [[externalId, holder] as const] : [];
  });
  return new Map(pairs);
}

function byName<Thing extends { readonly externalId: string | null }>(things: readonly Thing[]) {
  const named = things.filter(({ externalId }) => externalId !== null);
  return new Map(named.map((thing) => [thing.externalId ?? '', thing]));
}

/** The key of `branchSlugs`. */
export function slugKey({ databaseId, slug }: Pick<SyncedBranch, 'databaseId' | 'slug'>): string {
  return `${databaseId} ${slug}`;
}

/** Adds a branch that is to be. */
export function addBranch(
  state: State,
  {
    externalId = null,
    ...of
  }: Pick<SyncedBranch, 'databaseId' | 'slug' | 'production'> & {
    externalId?: string | null;
  },
): SyncedBranch {
  const { organizationId, branchSlugs, added } = state;
  const branch = { id: newId(), organizationId, externalId, ...of };
  added.branches.push(branch);
  branchSlugs.set(slugKey(branch), branch);
  countProduction(state, branch, branch.production ? 1 : 0);
  return branch;
}

/** Changes how many production branches a database has by now. @returns how many. */
export function countProduction(
  { productionCounts }: State,
  { databaseId }: Pick<SyncedBranch, 'databaseId'>,
  more: number,
): number {
  const count = (productionCounts.get(databaseId) ?? 0) + more;
  productionCounts.set(databaseId, count);
  return count;
}

/** Notes that a line speaks of a thing. @throws {RefusedError} `invalid`: one has done so before. */
export function once({ seen }: State, thing: string, field: string): void {
  if (seen.has(thing)) throw invalid({ field, message: 'must not stand twice in one batch' });
  seen.add(thing);
}
