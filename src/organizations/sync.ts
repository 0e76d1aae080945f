/**
 * What the platform's service client does by the platform's own ids.
 *
 * Only a service client may; for everybody else there is nothing here.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { administratorRole } from '../members/roles.ts';
import { isServiceClient } from '../storage/clients/service-clients.ts';
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
import { type SyncResult, syncLines } from './sync-batch.ts';
import type { SyncLine } from './sync-lines.ts';

/** How an organization is to be. */
export interface SyncedOrganizationWish extends NameAndSlug {
  /** Its first administrator, needed where there is no such organization yet. */
  readonly administratorId?: string | undefined;
}

/** A thing that is as it was asked to be; `id` is a UUID. */
export type Synced = Exclude<SyncResult, { outcome: 'refused' }>;

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
): Promise<Synced> {
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

async function changeOrganization(tx: Db, id: string, named: NameAndSlug): Promise<Change<Synced>> {
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
): Promise<Change<Synced>> {
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

/**
 * Brings one thing to what the line says.
 *
 * @throws {RefusedError} why not; nothing is changed then.
 */
export async function syncLine(
  work: Work,
  actor: Actor,
  organizationId: string,
  line: SyncLine,
): Promise<Synced> {
  const deed = deedOf(`${line.type}.synced`, organizationId);
  const bring = async (tx: Db) => {
    const [result] = await syncInLock(tx, actor, organizationId, [line]);
    if (result === undefined) throw notFound();
    if (result.outcome === 'refused') throw new RefusedError(result.refusal);
    if (result.outcome === 'unchanged') return { result };
    const before = result.outcome === 'updated' ? result.before : undefined;
    return { result, subject: printSubject(line, result), before, after: shown(line) };
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
  organizationId: string,
  lines: readonly SyncLine[],
): Promise<readonly Synced[]> {
  const deed = deedOf('organization.imported', organizationId);
  const bring = async (tx: Db) => {
    const results = await syncInLock(tx, actor, organizationId, lines);
    const done = results.filter((result) => result.outcome !== 'refused');
    if (done.length < results.length) throw new BatchRefusedError(results);
    const after = { lines: lines.length, ...counts(done), changes: changes(lines, done) };
    return { result: done, after };
  };
  return again(() => audited(work, actor, deed, bring));
}

const claims = ['accounts_email_key', 'databases_external_id_key', 'branches_external_id_key'];
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
  organizationId: string,
  lines: readonly SyncLine[],
): Promise<SyncResult[]> {
  await checkService(tx, actor);
  if ((await lockOrganization(tx, organizationId)) === undefined) throw notFound();
  return syncLines(tx, organizationId, lines);
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
  const { who, role } = line;
  return 'email' in who
    ? { email: who.email, role }
    : { member: printId('user', who.accountId), role };
}

/**
 * Which things a batch changed: what was made by its id, what was there with before and after.
 * Addresses stay out: what is personal is blanked by its member of the event, not in a list.
 */
function changes(lines: readonly SyncLine[], done: readonly Synced[]) {
  return done.flatMap((result, at) => {
    const line = lines[at];
    if (line === undefined || result.outcome === 'unchanged') return [];
    const id = printSubject(line, result);
    if (result.outcome !== 'updated') return [{ id }];
    const after = line.type === 'member' ? { role: line.role } : shown(line);
    return [{ id, before: result.before, after }];
  });
}

const kinds = { database: 'database', branch: 'branch', member: 'user' } as const;

function printSubject({ type }: SyncLine, { id }: Synced): string {
  return printId(kinds[type], id);
}

function counts(done: readonly Synced[]) {
  const count = (wanted: Synced['outcome']) =>
    done.filter(({ outcome }) => outcome === wanted).length;
  return {
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
  };
}
