/**
 * Tells the audit trail of a changed consent.
 *
 * One event tells the user's own part, and one more for each organization in which something
 * changed, with the entries there and no other's: administrators read what concerns theirs.
 *
 * @module
 */

import { formatScope } from '../catalogue/scope-set.ts';
import { type IdKind, printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit-events.ts';
import type { NewEntry, ResourceKey } from '../storage/consent-entries.ts';
import type { Pair } from '../storage/consents.ts';
import type { Db } from '../storage/database.ts';

/** How a consent was at one time; undefined where there was none. */
interface ConsentState {
  readonly askedScope: string;
  readonly entries: readonly NewEntry[];
}

/** What happened to it. */
export interface ConsentChange {
  readonly action: 'consent.recorded' | 'consent.withdrawn';
  readonly before: ConsentState | undefined;
  readonly after: ConsentState | undefined;
}

/** Adds the events, in the transaction of the change. */
export async function auditConsent(
  tx: Db,
  { accountId, clientId, origin }: Pair & { readonly origin?: Origin | undefined },
  { action, before, after }: ConsentChange,
): Promise<void> {
  const who = { actorAccountId: accountId, actorClientId: clientId, subject: clientId, origin };
  await recordAuditEvent(tx, {
    ...who,
    action,
    before: before && { asked_scope: before.askedScope, entries: printed(before, undefined) },
    after: after && { asked_scope: after.askedScope, entries: printed(after, undefined) },
  });
  for (const organizationId of organizationsOf(before, after)) {
    const [was, is] = [printed(before, organizationId), printed(after, organizationId)];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    await recordAuditEvent(tx, {
      ...who,
      action,
      organizationId,
      before: { entries: was },
      after: { entries: is },
    });
  }
}

function organizationsOf(...states: (ConsentState | undefined)[]): Set<string> {
  const entries = states.flatMap((state) => state?.entries ?? []);
  return new Set(entries.flatMap(({ resource }) => resource.organizationId ?? []));
}

function printed(state: ConsentState | undefined, organizationId: string | undefined) {
  return (state?.entries ?? [])
    .filter(({ resource }) => resource.organizationId === organizationId)
    .map(({ resource, production, scopes, version }) => ({
      resource: printResource(resource),
      production,
      scope: formatScope(scopes),
      version,
    }));
}

/** Prints a resource's id with the prefix of its kind. */
function printResource({ level, id }: ResourceKey): string {
  return printId(level satisfies IdKind, id);
}
