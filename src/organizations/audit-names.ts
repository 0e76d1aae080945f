/**
 * The names of everything that some events are about.
 *
 * @module
 */

import { parseId, printId } from '../lib/ids.ts';
import type { StoredAuditEvent } from '../storage/audit/audit-log.ts';
import { findNames } from '../storage/audit/audit-names.ts';
import type { Db } from '../storage/engine/database.ts';

const printed = /\b(user|db|br|team)_[0-9a-f]{32}\b/g;

/** @returns the names by printed id, or by client id; what is no more has none. */
export async function namesIn(
  db: Db,
  organizationId: string,
  events: readonly StoredAuditEvent[],
): Promise<ReadonlyMap<string, string>> {
  const texts = events.map(({ subject, before, after, actorAccountId }) => {
    const actor = actorAccountId === undefined ? '' : printId('user', actorAccountId);
    return JSON.stringify([actor, subject, before, after]);
  });
  const ids = [...new Set(texts.flatMap((text) => text.match(printed) ?? []))];
  const of = (kind: 'user' | 'database' | 'branch' | 'team') =>
    ids.flatMap((id) => parseId(kind, id) ?? []);
  const clients = events.flatMap(({ subject, actorClientId }) =>
    [subject, actorClientId].filter((id) => id !== undefined),
  );
  const found = await findNames(db, {
    organizationId,
    accounts: of('user'),
    databases: of('database'),
    branches: of('branch'),
    teams: of('team'),
    clients: [...new Set(clients)],
  });
  return new Map(
    found.map(({ kind, id, name }) => [kind === 'client' ? id : printId(kind, id), name]),
  );
}
