/**
 * Reading the audit trail: Organization Administrators read their organization's, each person
 * reads of what they did themselves.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import {
  type AuditFilters,
  type AuditQuery,
  type StoredAuditEvent,
  selectAuditEvents,
} from '../storage/audit/audit-log.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { findActiveAccount } from '../storage/people/accounts.ts';
import type { Actor, Person } from './actor.ts';
import { audited } from './audited.ts';
import { openCursor, readerOf, sealCursor } from './cursors.ts';
import { forbidden, notFound } from './refusals.ts';
import { inOrganization } from './rights.ts';

/** Which page of a log. */
export interface AuditPageWish {
  readonly filters: AuditFilters;
  /** Where the page before ended; undefined for the first. */
  readonly cursor?: string | undefined;
  /** At most so many events, 1 or more. */
  readonly limit: number;
  /** Seals the cursors; the same on every node. */
  readonly cursorKey: Buffer;
}

/** Events, newest first. */
export interface AuditPage {
  readonly events: readonly StoredAuditEvent[];
  /** Where to go on; undefined on the last page. */
  readonly nextCursor: string | undefined;
}

/** @throws {RefusedError} `forbidden`, also by token; `not_found`; `invalid` cursor. */
export function readAuditLog(
  work: Work,
  actor: Actor,
  organizationId: string,
  wish: AuditPageWish,
): Promise<AuditPage> {
  const act = 'audit_log.read';
  const deed = { action: act, organizationId, subject: printId('organization', organizationId) };
  return audited(work, actor, deed, async (tx) => {
    await inOrganization(actor, act, { organizationId }).enter(tx, { hold: false });
    return { result: await readPage(tx, actor, { organizationId }, wish) };
  });
}

/** @throws {RefusedError} `forbidden` by token; `not_found`: no active account; `invalid` cursor. */
export async function readOwnAuditLog(
  db: Db,
  actor: Person,
  wish: AuditPageWish,
): Promise<AuditPage> {
  if (actor.via.kind !== 'session') throw forbidden('not_by_token');
  if ((await findActiveAccount(db, actor.accountId)) === undefined) throw notFound();
  return readPage(db, actor, { actorAccountId: actor.accountId }, wish);
}

async function readPage(
  db: Db,
  reader: Actor,
  whose: Pick<AuditQuery, 'organizationId' | 'actorAccountId'>,
  { filters, cursor, limit, cursorKey }: AuditPageWish,
): Promise<AuditPage> {
  const wanted = { ...filters, ...whose };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const list = JSON.stringify(['audit-log', readerOf(reader), ...given.sort()]);
  const beforeId = cursor === undefined ? undefined : openCursor(cursorKey, list, cursor);
  // One more than the page holds tells whether another page follows.
  const found = await selectAuditEvents(db, { ...wanted, beforeId, limit: limit + 1 });
  const events = found.slice(0, limit);
  const last = found.length > limit ? events.at(-1) : undefined;
  return { events, nextCursor: last && sealCursor(cursorKey, list, last.id) };
}
