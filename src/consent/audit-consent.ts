/**
 * The audit events of a changed consent.
 *
 * One event has the user's own part, and one more for each organization in which something
 * changed, with the entries there and no other's: administrators read what concerns theirs.
 *
 * @module
 */

import { formatScope } from '../catalogue/scope-set.ts';
import { type IdKind, printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { NewEntry, ResourceKey } from '../storage/consents/consent-entries.ts';
import type { Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import type { Lifetime } from './lifetime.ts';
import { hasProductionChoice } from './picked-resource.ts';

/** How a consent was at one time; undefined where there was none. */
interface ConsentState {
  readonly askedScope: string;
  readonly entries: readonly NewEntry[];
  /** Where this decision set one. */
  readonly lifetime?: Lifetime | undefined;
}

/** What happened to it. */
export interface ConsentChange {
  readonly action: 'consent.recorded' | 'consent.withdrawn';
  readonly before: ConsentState | undefined;
  readonly after: ConsentState | undefined;
}

/** Whose consent it is, and who changed it: the person, or the platform's service client. */
export interface ChangedConsent extends Pair {
  readonly origin?: Origin | undefined;
  readonly serviceClientId?: string | undefined;
}

/** Adds the events, in the transaction of the change. */
export async function auditConsent(
  tx: Db,
  { accountId, clientId, origin, serviceClientId }: ChangedConsent,
  { action, before, after }: ConsentChange,
): Promise<void> {
  const [was, is] = [byOrganization(before), byOrganization(after)];
  const person = { actorAccountId: accountId, actorClientId: clientId };
  const actor = serviceClientId === undefined ? person : { actorClientId: serviceClientId };
  const who = { ...actor, subject: clientId, origin };
  const whose = serviceClientId === undefined ? {} : { user: printId('user', accountId) };
  await recordAuditEvent(tx, {
    ...who,
    action,
    before: before && {
      ...whose,
      asked_scope: before.askedScope,
      entries: was.get(undefined) ?? [],
    },
    after: after && {
      asked_scope: after.askedScope,
      entries: is.get(undefined) ?? [],
      ...(after.lifetime && { lifetime: after.lifetime }),
    },
  });
  for (const organizationId of new Set([...was.keys(), ...is.keys()])) {
    if (organizationId === undefined) continue;
    const [entriesBefore, entriesAfter] = [was, is].map((of) => of.get(organizationId) ?? []);
    if (JSON.stringify(entriesBefore) === JSON.stringify(entriesAfter)) continue;
    await recordAuditEvent(tx, {
      ...who,
      action,
      organizationId,
      before: { ...whose, entries: entriesBefore },
      after: { entries: entriesAfter },
    });
  }
}

/** The printed entries by organization; under undefined those on the user's own account. */
function byOrganization(state: ConsentState | undefined) {
  const grouped = Map.groupBy(state?.entries ?? [], ({ resource }) => resource.organizationId);
  return new Map(Array.from(grouped, ([id, entries]) => [id, entries.map(printEntry)] as const));
}

function printEntry(entry: NewEntry) {
  const { resource, production, includesProduction, scopes, version, rests } = entry;
  const kind = hasProductionChoice(resource)
    ? { includes_production: includesProduction }
    : { production };
  const given = { scope: formatScope(scopes), version };
  return { resource: printResource(resource), ...kind, ...given, ...(rests === true && { rests }) };
}

/** Prints a resource's id with the prefix of its kind. */
function printResource({ level, id }: ResourceKey): string {
  return printId(level satisfies IdKind, id);
}
