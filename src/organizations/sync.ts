/**
 * What the platform's service client does by the platform's own ids.
 *
 * Only a service client may; for everybody else there is nothing here.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { administratorRole } from '../members/roles.ts';
import { hasServicePower, isServiceClient } from '../storage/clients/service-clients.ts';
import { brokeConstraint, type Db, type Work } from '../storage/engine/database.ts';
import { holdActiveAccount } from '../storage/people/accounts.ts';
import { insertMember } from '../storage/people/members.ts';
import {
  insertOrganization,
  lockOrganization,
  updateOrganization,
} from '../storage/tree/organizations.ts';
import { findOrganizationId, nameByExternalId } from '../storage/tree/sync-rows.ts';
import type { Actor } from './actor.ts';
import { audited, type Change } from './audited.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';
import { found, invalid, notFound, RefusedError } from './refusals.ts';
import { syncLines } from './sync-batch.ts';
import type { LineOf, SyncLine, SyncResult, Who } from './sync-lines.ts';
import type { SubjectRules } from './sync-subjects.ts';

/** How an organization is to be. */
export interface SyncedOrganizationWish extends NameAndSlug {
  /** Its first administrator, needed where there is no such organization yet. */
  readonly administratorId?: string | undefined;
}

/** A thing that is as it was asked to be; `id` is a UUID. */
export type Synced = Exclude<SyncResult, { outcome: 'refused' }>;

/** A thing that is there now. */
export type SyncedThing = Exclude<Synced, { outcome: 'absent' | 'removed' }>;

/**
 * @returns the id of the organization that the platform calls so.
 * @throws {RefusedError} `not_found`, also for everybody but a service client.
 */
export async function requireOrganizationId(
  db: Db,
  actor: Actor,
  externalId: string,
): Promise<string> {
  if (actor.via.kind !== 'service') throw notFound();
  return found(await findOrganizationId(db, externalId));
}

/**
 * Creates an organization, or brings its name and slug to what is asked.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `not_found` for everybody but a service
 *   client.
 */
export async function syncOrganization(
  work: Work,
  actor: Actor,
  externalId: string,
  wish: SyncedOrganizationWish,
): Promise<SyncedThing> {
  if (actor.via.kind !== 'service') throw notFound();
  const named = checkNameAndSlug('organization', wish);
  const known = await findOrganizationId(work.plain, externalId);
  const id = known ?? newId();
  const subject = printId('organization', id);
  const deed = { action: 'organization.synced', organizationId: id, subject };
  return audited(work, actor, deed, async (tx) => {
    await checkService(tx, actor);
    if (known !== undefined) return changeOrganization(tx, known, named);
    return createOrganization(tx, { id, ...named }, externalId, wish.administratorId);
  }).catch((error) => {
    // Two came at once and the other one was first: there is something to change now.
    if (!brokeConstraint(error, 'organizations_external_id_key')) throw error;
    return syncOrganization(work, actor, externalId, wish);
  });
}

async function changeOrganization(
  tx: Db,
  id: string,
  named: NameAndSlug,
): Promise<Change<SyncedThing>> {
  const before = await lockOrganization(tx, id);
  if (before === undefined) throw notFound();
  const { name, slug } = before;
  if (name === named.name && slug === named.slug) return { result: { outcome: 'unchanged', id } };
  await updateOrganization(tx, { ...before, ...named });
  const shownBefore = { name, slug };
  const result = { outcome: 'updated', id, before: shownBefore } as const;
  return { result, before: shownBefore, after: named };
}

async function createOrganization(
  tx: Db,
  organization: NameAndSlug & { readonly id: string },
  externalId: string,
  administratorId: string | undefined,
): Promise<Change<SyncedThing>> {
  const account = administratorId && (await holdActiveAccount(tx, administratorId));
  if (!account) throw invalid({ field: 'administrator', message: 'must be an active account' });
  const { id: organizationId, ...named } = organization;
  await insertOrganization(tx, organization);
  await nameByExternalId(tx, organizationId, externalId);
  await insertMember(tx, { organizationId, accountId: account.id, role: administratorRole });
  const administrator = printId('user', account.id);
  const after = { ...named, external_id: externalId, administrator };
  return { result: { outcome: 'created', id: organizationId }, after };
}

/** Where lines are done, and who knows whose the subjects in them are. */
export interface SyncTarget {
  readonly organizationId: string;
  readonly subjects?: SubjectRules | undefined;
}

/**
 * Brings one thing to what the line says.
 *
 * @throws {RefusedError} why not; nothing is changed then.
 */
export async function syncLine(
  work: Work,
  actor: Actor,
  { organizationId, subjects }: SyncTarget,
  line: SyncLine,
): Promise<Synced> {
  const deed = deedOf(`${line.type}.synced`, organizationId);
  const bring = async (tx: Db): Promise<Change<Synced>> => {
    const [result] = await syncInLock(tx, actor, { organizationId, subjects }, [line]);
    if (result === undefined) throw notFound();
    if (result.outcome === 'refused') throw new RefusedError(result.refusal);
    if (!isChange(result)) return { result };
    const subject = printId(kinds[line.type], result.id);
    const before = 'before' in result ? result.before : undefined;
    const connected = connectedBy(result);
    return { result, subject, before, after: { ...shown(line), connected } };
  };
  return again(() => audited(work, actor, deed, bring));
}

/** A batch was refused; `results` tells which lines, and why. */
export class BatchRefusedError extends Error {
  override readonly name = 'BatchRefusedError';
  readonly results: readonly SyncResult[];

  constructor(results: readonly SyncResult[]) {
    super('a line of the batch was refused');
    this.results = results;
  }
}

/**
 * Brings many things to what the lines say, all or none, with one audit event.
 *
 * @throws {BatchRefusedError} a line was refused; nothing is changed.
 */
export function syncBatch(
  work: Work,
  actor: Actor,
  { organizationId, subjects }: SyncTarget,
  lines: readonly SyncLine[],
): Promise<readonly Synced[]> {
  const deed = deedOf('organization.imported', organizationId);
  const bring = async (tx: Db) => {
    const results = await syncInLock(tx, actor, { organizationId, subjects }, lines);
    const done = results.filter((result) => result.outcome !== 'refused');
    if (done.length < results.length) throw new BatchRefusedError(results);
    const after = { lines: lines.length, ...counts(done), changes: changes(lines, done) };
    return { result: done, after };
  };
  return again(() => audited(work, actor, deed, bring));
}

const claims = [
  'accounts_email_key',
  'databases_external_id_key',
  'branches_external_id_key',
  'external_identities_pkey',
  'external_identities_one_each',
];
const tries = 3;

/** What was free a moment ago may be taken by another organization's batch: then look again. */
async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = tries - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !claims.some((name) => brokeConstraint(error, name))) throw error;
    }
  }
}

async function syncInLock(
  tx: Db,
  actor: Actor,
  { organizationId, subjects }: SyncTarget,
  lines: readonly SyncLine[],
): Promise<SyncResult[]> {
  await checkService(tx, actor);
  if ((await lockOrganization(tx, organizationId)) === undefined) throw notFound();
  const context = { organizationId, mayRaise: await mayRaise(tx, actor), rules: subjects };
  return syncLines(tx, context, lines);
}

/** Whether a service client may make administrators. */
export async function mayRaise(tx: Db, { via }: Actor): Promise<boolean> {
  return via.kind === 'service' && hasServicePower(tx, via.clientId, 'administrators');
}

async function checkService(tx: Db, { via }: Actor): Promise<void> {
  if (via.kind !== 'service' || !(await isServiceClient(tx, via.clientId))) throw notFound();
}

function deedOf(action: string, organizationId: string) {
  return { action, organizationId, subject: printId('organization', organizationId) };
}

function shown(line: SyncLine) {
  if (line.type === 'database') return { external_id: line.externalId, slug: line.slug };
  if (line.type === 'branch') {
    const { externalId, database, slug, production } = line;
    return { external_id: externalId, database, slug, production };
  }
  if (line.type === 'member_removal') return undefined;
  const { who } = line;
  return { ...whoShown(who), ...given(line) };
}

/** The platform's own id of somebody is as personal as an address, and nothing would blank it. */
function whoShown(who: Who) {
  return 'accountId' in who ? { member: printId('user', who.accountId) } : { email: who.email };
}

/**
 * Which things a batch changed: what was made by its id, what was there with before and after.
 * Addresses stay out: what is personal is blanked by its member of the event, not in a list.
 */
function changes(lines: readonly SyncLine[], done: readonly Synced[]) {
  return done.flatMap((result, at): object[] => {
    const line = lines[at];
    if (line === undefined || !isChange(result)) return [];
    const id = printId(kinds[line.type], result.id);
    if (line.type === 'database_role') {
      const before = 'before' in result ? result.before : undefined;
      return [{ id, before, after: given(line) }];
    }
    if (result.outcome === 'created') {
      // That somebody was made an administrator is recorded, whoever joined is one of many.
      const isRaised = line.type === 'member' && line.role !== undefined;
      const connected = connectedBy(result);
      return [{ id, ...(connected && { connected }), ...(isRaised && { after: given(line) }) }];
    }
    if (line.type === 'member_removal') return [{ id, before: result.before }];
    const after = line.type === 'member' ? given(line) : shown(line);
    const connected = connectedBy(result);
    const { before } = result;
    return [{ id, before, ...(connected && { connected }), after }];
  });
}

function connectedBy(result: Synced): string | undefined {
  return 'connected' in result ? result.connected : undefined;
}

function given(line: LineOf<'member' | 'database_role'>) {
  return line.type === 'member'
    ? { role: line.role }
    : { database: line.database, role: line.role ?? null };
}

function isChange(result: Synced): result is Extract<Synced, { outcome: Done }> {
  return result.outcome !== 'unchanged' && result.outcome !== 'absent';
}

type Done = 'created' | 'updated' | 'removed';

const kinds = {
  database: 'database',
  branch: 'branch',
  member: 'user',
  member_removal: 'user',
  database_role: 'user',
} as const;

function counts(done: readonly Synced[]) {
  const count = (wanted: Synced['outcome']) =>
    done.filter(({ outcome }) => outcome === wanted).length;
  return {
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged') + count('absent'),
    ...(count('removed') > 0 && { removed: count('removed') }),
  };
}
