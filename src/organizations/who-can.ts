/**
 * Everybody who can do something on a resource, and what gives it to each.
 *
 *   the roles that hold some of what is needed -> the members who have one -> the decision, one by one
 *
 * Tables only find whom to ask about; whether somebody can is decided as for a token.
 *
 * @module
 */

import { isEmpty, without } from '../catalogue/name-set.ts';
import { permissionNames, permissionSet } from '../catalogue/permission-set.ts';
import type { PermissionId } from '../catalogue/permissions.ts';
import type { TargetKind } from '../decisions/target-kinds.ts';
import {
  baseRolePermissions,
  databaseRolePermissions,
  everywherePermissions,
  type Membership,
  noDatabaseRoles,
  organizationRolePermissions,
} from '../members/permissions.ts';
import { databaseAdministratorRole, databaseRoleToday } from '../members/roles.ts';
import type { Db, Reader } from '../storage/engine/database.ts';
import type { Listed, Part, Position } from '../storage/engine/listed.ts';
import {
  type Candidate,
  findCandidates,
  findGivenDatabases,
  type GivenDatabase,
  type HolderQuery,
} from '../storage/tree/holders.ts';
import type { Actor } from './actor.ts';
import { type Asked, needsOf, refusalOf } from './asked.ts';
import { type AskedResource, type FoundResource, readResource } from './asked-resource.ts';
import { type AccessSource, sourcesOnDatabase } from './effective-access.ts';

/** Something that gives it, and the database that it is given on; undefined: on all of them. */
interface HeldBy {
  readonly source: AccessSource;
  readonly database: string | undefined;
}

/** Somebody who can. */
export interface Holder {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly by: readonly HeldBy[];
}

/** Who can, page by page, and where it was asked. */
export interface WhoCan {
  readonly on: FoundResource;
  readonly holders: readonly Listed<Holder>[];
  /** Where to go on; undefined: there is nobody else. */
  readonly next: Position | undefined;
}

/** Of each person's databases, so many are named. */
const mostDatabases = 6;
/** A page is short rather than slow, where many have a role that turns out not to be enough. */
const mostRounds = 5;

/**
 * @throws {RefusedError} `not_found`; `forbidden`: it is for those who give the roles there.
 */
export function whoCan(
  db: Reader,
  actor: Actor,
  at: AskedResource,
  asked: Asked,
  part: Part,
): Promise<WhoCan> {
  return readResource(db, { actor, isOwn: false }, at, async (tx, on) => ({
    on,
    ...(await holdersIn(tx, { on, asked }, part)),
  }));
}

/** @returns those who can, in an order of no meaning, and where to go on. */
export async function holdersIn(
  tx: Db,
  question: Question,
  { after, limit }: Part,
): Promise<Pick<WhoCan, 'holders' | 'next'>> {
  const holders: Listed<Holder>[] = [];
  let next: Position | undefined = after ?? [];
  for (let round = 0; round < mostRounds && next !== undefined; round++) {
    const few: Awaited<ReturnType<typeof someOf>> = await someOf(tx, question, next, limit + 1);
    holders.push(...few.holders);
    next = few.next;
    if (holders.length > limit) {
      const shown = holders.slice(0, limit);
      return { holders: shown, next: shown.at(-1)?.position };
    }
  }
  return { holders, next };
}

/** What is asked, and where. */
interface Question {
  readonly asked: Asked;
  readonly on: FoundResource;
}

async function someOf(tx: Db, question: Question, after: Position, limit: number) {
  const { on, asked } = question;
  const [organizationId, databaseId] = [on.organization.id, on.database?.id];
  const position = after.length === 0 ? undefined : after;
  const query = queryOf(question, { after: position, limit });
  const candidates = query === undefined ? [] : await findCandidates(tx, query);
  const ids = candidates.map(({ accountId }) => accountId);
  const isOnDatabases = on.kind !== 'organization' || asked.kind === 'production';
  const given = isOnDatabases
    ? await findGivenDatabases(tx, organizationId, {
        accountIds: ids,
        databaseIds: databaseId === undefined ? undefined : [databaseId],
        most: mostDatabases,
      })
    : [];
  const holders = candidates.flatMap((candidate) => {
    const by = held(
      question,
      candidate,
      given.filter((one) => one.accountId === candidate.accountId),
    );
    const { accountId, email, name } = candidate;
    return by.length === 0 ? [] : [{ position: [accountId], item: { accountId, email, name, by } }];
  });
  const last = candidates.length < limit ? undefined : candidates.at(-1);
  return { holders, next: last && [last.accountId] };
}

/** @returns undefined: nobody can, whatever their role. */
function queryOf(
  { asked, on }: Question,
  part: { readonly after: Position | undefined; readonly limit: number },
): HolderQuery | undefined {
  const { id: organizationId, baseRole } = on.organization;
  const sets = needsOf(asked, on.kind);
  if (sets.length === 0) return undefined;
  const isOnOrganization = on.kind === 'organization' && asked.kind !== 'production';
  const base = permissionSet(isOnOrganization ? [] : (baseRolePermissions.get(baseRole) ?? []));
  const missing = sets.map((set) => without(set, base));
  const helpful = new Set(missing.flatMap((set) => permissionNames(set)));
  const rolesOf = (holdings: ReadonlyMap<string, readonly PermissionId[]>) =>
    Array.from(holdings, ([role, ids]) => (ids.some((id) => helpful.has(id)) ? [role] : [])).flat();
  const byDatabase = isOnOrganization ? [] : rolesOf(databaseRolePermissions);
  return {
    organizationId,
    databaseId: on.database?.id,
    everybody: missing.some(isEmpty),
    organizationRoles: rolesOf(
      isOnOrganization ? organizationRolePermissions : everywherePermissions,
    ),
    databaseRoles: byDatabase,
    teams: byDatabase.includes(databaseAdministratorRole),
    ...part,
  };
}

/** @returns what lets the person do it; nothing where they cannot. */
function held(
  { asked, on }: Question,
  { role, active }: Candidate,
  given: readonly GivenDatabase[],
): HeldBy[] {
  if (!active) return [];
  const membership: Membership = { organizationRole: role, baseRole: on.organization.baseRole };
  const kind: TargetKind =
    asked.kind === 'production' && on.kind === 'organization' ? 'database' : on.kind;
  if (kind === 'organization') {
    const can =
      refusalOf(asked, kind, { membership, databaseRoles: noDatabaseRoles }) === undefined;
    return can ? [{ source: { kind: 'organization_role', role }, database: undefined }] : [];
  }
  const everywhere = sourcesAt({ asked, kind, membership }, undefined);
  const here = given.flatMap((one) => sourcesAt({ asked, kind, membership }, one));
  return everywhere.length > 0
    ? [...everywhere, ...here.filter(({ source }) => !isEverywhere(source))]
    : here;
}

function isEverywhere({ kind }: AccessSource): boolean {
  return kind === 'organization_role' || kind === 'base_role';
}

interface AtDatabase {
  readonly asked: Asked;
  readonly kind: TargetKind;
  readonly membership: Membership;
}

function sourcesAt(
  { asked, kind, membership }: AtDatabase,
  given: GivenDatabase | undefined,
): HeldBy[] {
  const direct = given?.direct == null ? undefined : databaseRoleToday(given.direct);
  const teams = given?.teams ?? [];
  const databaseRoles = { direct, team: teams.length > 0 };
  if (refusalOf(asked, kind, { membership, databaseRoles }) !== undefined) return [];
  const sets = needsOf(asked, kind).map(permissionNames);
  return sourcesOnDatabase({ membership, direct, teams }, sets).map((source) => ({
    source,
    database: isEverywhere(source) ? undefined : given?.slug,
  }));
}
