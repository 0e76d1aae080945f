/**
 * The last things that happened, in sentences, for pages that are about something else.
 *
 * @module
 */

import { namesIn } from '../../organizations/audit-names.ts';
import { type AuditFilters, selectAuditEvents } from '../../storage/audit/audit-log.ts';
import type { Db } from '../../storage/engine/database.ts';
import { eventSentence } from './audit-sentence.ts';
import type { ConsoleParts, ConsoleRequest } from './console-page.ts';

const mostShown = 6;

/**
 * @param filters each is looked for; together, the newest are shown.
 * @returns nothing for whoever may not read the audit log.
 */
export async function recentEvents(
  { messagesOf }: ConsoleParts,
  { ctx, here }: ConsoleRequest,
  tx: Db,
  filters: readonly AuditFilters[],
): Promise<{ readonly text: string; readonly at: string }[] | undefined> {
  if (!here.may('audit_log.read')) return undefined;
  const { id: organizationId } = here.organization;
  const found = new Map<string, Awaited<ReturnType<typeof selectAuditEvents>>[number]>();
  for (const filter of filters) {
    const query = { ...filter, organizationId, limit: mostShown };
    for (const event of await selectAuditEvents(tx, query)) found.set(event.id, event);
  }
  const events = [...found.values()]
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())
    .slice(0, mostShown);
  const names = await namesIn(tx, organizationId, events);
  const t = messagesOf(ctx);
  return events.map((event) => ({
    text: eventSentence(t, event, names),
    at: event.at.toISOString(),
  }));
}
