/**
 * What administrators see of teams in the browser: the list; one with its members and databases; what a
 * change of one would give and take.
 *
 * @module
 */

import type { Db, Reader } from '../storage/engine/database.ts';
import type { Listed, Part } from '../storage/engine/listed.ts';
import { findListedMember, findMemberId, type ListedMember } from '../storage/people/members.ts';
import { findDatabase, listDatabases, type StoredDatabase } from '../storage/tree/databases.ts';
import { findTeamEffects, type TeamEffects } from '../storage/tree/team-effects.ts';
import {
  isInTeam,
  listTeamDatabases,
  listTeamMembers,
  listTeams,
  type Team,
  type TeamIds,
  type TeamMember,
} from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { readInside } from './inside.ts';
import { forbidden, found, notFound } from './refusals.ts';
import { inOrganization, type OrganizationIds } from './rights.ts';
import { inTeam } from './teams.ts';

/** @param search characters of a name; empty: all. @throws {RefusedError} `forbidden`; `not_found`. */
export function searchTeams(
  db: Reader,
  actor: Actor,
  at: OrganizationIds,
  search: string,
  part: Part,
): Promise<Listed<Team>[]> {
  const by = search === '' ? {} : { part: search };
  return readInside(db, inOrganization(actor, 'teams.read', at), (tx) =>
    listTeams(tx, at.organizationId, by, part),
  );
}

/** A team with some of its members and databases. */
export interface TeamView {
  readonly team: Team;
  readonly members: readonly Listed<TeamMember>[];
  readonly databases: readonly Listed<StoredDatabase>[];
}

/** Which members and databases of a team. */
export interface TeamWish {
  readonly search: string;
  readonly members: Part;
  readonly databases: Part;
}

/** @throws {RefusedError} `forbidden`; `not_found`. */
export function readTeamView(
  db: Reader,
  actor: Actor,
  at: TeamIds,
  { search, members, databases }: TeamWish,
): Promise<TeamView> {
  return readInside(db, inTeam(actor, 'teams.read', at), async (tx, { team }) => ({
    team,
    members: await listTeamMembers(tx, at, members, search),
    databases: await listTeamDatabases(tx, at, databases, search),
  }));
}

/** A change of a team that is looked at before it is made. */
export const teamChanges = [
  'add-member',
  'remove-member',
  'add-database',
  'remove-database',
  'delete',
] as const;
type TeamChangeKind = (typeof teamChanges)[number];

/** What a change is about. */
export interface ChangeWish {
  readonly kind: TeamChangeKind;
  /** Of `add-member`: an address in its normal form. */
  readonly email?: string | undefined;
  /** Of `remove-member`. */
  readonly accountId?: string | undefined;
  /** Of `add-database`. */
  readonly slug?: string | undefined;
  /** Of `remove-database`. */
  readonly databaseId?: string | undefined;
}

/** A change and what it would do. */
export interface ChangePreview {
  readonly team: Team;
  readonly member: ListedMember | undefined;
  readonly database: StoredDatabase | undefined;
  /** Who becomes, or is no longer, administrator where: at most some of them. */
  readonly effects: TeamEffects;
  /** Whether it is as it would be already. */
  readonly isDone: boolean;
}

const acts: Readonly<Record<TeamChangeKind, OrganizationAct>> = {
  'add-member': 'team.member_added',
  'remove-member': 'team.member_removed',
  'add-database': 'team.database_added',
  'remove-database': 'team.database_removed',
  delete: 'team.deleted',
};

/** So many are named. */
const mostNamed = 20;

/** @throws {RefusedError} `forbidden`, not_a_member among its reasons; `not_found`. */
export function previewChange(
  db: Reader,
  actor: Actor,
  at: TeamIds,
  wish: ChangeWish,
): Promise<ChangePreview> {
  return readInside(db, inTeam(actor, acts[wish.kind], at), async (tx, { team }) => {
    const member = await memberOf(tx, at, wish);
    const database = await databaseOf(tx, at, wish);
    const [accountId, databaseId] = [member?.accountId, database?.id];
    const isIn = await isInTeam(tx, at, { accountId, databaseId });
    const isAdding = wish.kind.startsWith('add-');
    if (wish.kind.startsWith('remove-') && !isIn) throw notFound();
    const isDone = isAdding && isIn;
    const effects = isDone
      ? { some: [], count: 0 }
      : await findTeamEffects(tx, { ...at, accountId, databaseId }, mostNamed);
    return { team, member, database, effects, isDone };
  });
}

/** What a preview has shown, for the form that makes the change. */
export function effectsState({ some, count }: TeamEffects): unknown {
  return [count, some.map(({ accountId, database }) => [accountId, database])];
}

/** @returns what the change would do now, in the transaction of the change. */
export async function effectsNow(tx: Db, at: TeamIds, wish: ChangeWish): Promise<unknown> {
  const { accountId, databaseId } = wish;
  return effectsState(await findTeamEffects(tx, { ...at, accountId, databaseId }, mostNamed));
}

async function memberOf(tx: Db, { organizationId }: TeamIds, wish: ChangeWish) {
  const { kind, email, accountId } = wish;
  if (kind === 'add-member') {
    const typed = email === undefined ? undefined : await findMemberId(tx, organizationId, email);
    const id = accountId ?? typed;
    const member = id && (await findListedMember(tx, { organizationId, accountId: id }));
    if (!member) throw forbidden('not_a_member');
    return member;
  }
  if (kind !== 'remove-member') return undefined;
  if (accountId === undefined) throw notFound();
  return found(await findListedMember(tx, { organizationId, accountId }));
}

async function databaseOf(tx: Db, { organizationId }: TeamIds, wish: ChangeWish) {
  const { kind, slug, databaseId } = wish;
  if (kind === 'add-database') {
    const part = { after: undefined, limit: 1 };
    const [named] = await listDatabases(tx, organizationId, { slug: slug ?? '' }, part);
    return found(named?.item);
  }
  if (kind !== 'remove-database') return undefined;
  if (databaseId === undefined) throw notFound();
  return found(await findDatabase(tx, { organizationId, databaseId }));
}
