/**
 * Why a member can or cannot do something on a resource: what gives it, or what is missing and who could
 * give it.
 *
 * @module
 */

import { permissionNames } from '../catalogue/permission-set.ts';
import { databaseNeeds, organizationNeeds } from '../catalogue/rules.ts';
import type { TargetRefusal } from '../decisions/explain.ts';
import type { TargetKind } from '../decisions/target-kinds.ts';
import { organizationRolePermissions } from '../members/permissions.ts';
import type { Db, Reader } from '../storage/engine/database.ts';
import { findListedMember, type ListedMember } from '../storage/people/members.ts';
import {
  type AccessSources,
  findAccessSources,
  findMembershipSources,
} from '../storage/tree/access-sources.ts';
import type { Actor } from './actor.ts';
import { type Asked, askableAt, needsOf, refusalOf } from './asked.ts';
import { type AskedResource, type FoundResource, readResource } from './asked-resource.ts';
import { type AccessSource, sourcesOnDatabase } from './effective-access.ts';
import { found } from './refusals.ts';
import { type Holder, holdersIn } from './who-can.ts';

/** The answer about one thing that can be asked. */
export interface WhyAnswer {
  readonly asked: Asked;
  /** Why it cannot be done; undefined: it can. */
  readonly refusal: TargetRefusal | undefined;
  /** What gives it, or, of what takes several permissions, some of it. */
  readonly sources: readonly AccessSource[];
}

/** What is known about a person on a resource. */
export interface Why {
  readonly person: ListedMember;
  /** Whether neither the member nor the account is suspended. */
  readonly isActive: boolean;
  readonly on: FoundResource;
  readonly answers: readonly WhyAnswer[];
  /** Some who can give a role on the resource, where a role is missing. */
  readonly givers: readonly Holder[];
}

/**
 * @param asked undefined: everything that can be asked on such a resource.
 * @throws {RefusedError} `not_found`; `forbidden`.
 */
export function explainMember(
  db: Reader,
  actor: Actor,
  at: AskedResource & { readonly accountId: string },
  asked?: readonly Asked[],
): Promise<Why> {
  const isOwn = actor.accountId === at.accountId;
  return readResource(db, { actor, isOwn }, at, async (tx, on) => {
    const person = found(await findListedMember(tx, at));
    const facts = found(await findSources(tx, at));
    const answers = (asked ?? askableAt(on.kind)).map((one) => answer(one, on.kind, facts));
    const isMissing = answers.some(({ refusal }) => refusal?.reason === 'role_insufficient');
    const givers = isMissing ? await findGivers(tx, on, isOwn) : [];
    return { person, isActive: facts.active, on, answers, givers };
  });
}

/** @returns what the member is on the resource, and by what; undefined where there is no such member. */
export function findSources(
  tx: Db,
  at: AskedResource & { readonly accountId: string },
): Promise<AccessSources | undefined> {
  const { databaseId } = at;
  return databaseId === undefined
    ? findMembershipSources(tx, at)
    : findAccessSources(tx, { ...at, databaseId });
}

const mostGivers = 3;

/** Whoever asks about themselves may not see the people of a database: they see administrators as the ones to ask. */
async function findGivers(tx: Db, on: FoundResource, isOwn: boolean): Promise<Holder[]> {
  const isHigh = isOwn || on.database === undefined;
  const permission = isHigh
    ? organizationNeeds['member.role_changed']
    : databaseNeeds['database_role.given'];
  const where = isHigh
    ? { ...on, database: undefined, kind: 'organization' as const }
    : { ...on, kind: 'database' as const };
  const asked: Asked = { kind: 'permission', permission };
  const { holders } = await holdersIn(
    tx,
    { on: where, asked },
    { after: undefined, limit: mostGivers },
  );
  return holders.map(({ item }) => item);
}

function answer(asked: Asked, kind: TargetKind, facts: AccessSources): WhyAnswer {
  const membership = facts.active ? facts.membership : undefined;
  const databaseRoles = { direct: facts.direct, team: facts.teams.length > 0 };
  const refusal = refusalOf(asked, kind, { membership, databaseRoles });
  return { asked, refusal, sources: sourcesOf(asked, kind, facts) };
}

/** @returns what gives the member what is asked, or, of what takes several permissions, some of it. */
export function sourcesOf(asked: Asked, kind: TargetKind, facts: AccessSources): AccessSource[] {
  const sets = needsOf(asked, kind).map(permissionNames);
  if (kind !== 'organization') return sourcesOnDatabase(facts, sets);
  const { organizationRole: role } = facts.membership;
  const given = organizationRolePermissions.get(role) ?? [];
  const isGiven = sets.some((set) => set.every((one) => given.includes(one)));
  return isGiven ? [{ kind: 'organization_role', role }] : [];
}
