/**
 * An event of the audit log as a sentence: who did what. Each kind of event has its message.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { baseRoleName, isBaseRole, roleName } from '../../members/roles.ts';
import type { StoredAuditEvent } from '../../storage/audit/audit-log.ts';

/** The key of the message of a kind of event. */
export function eventKey(action: string): string {
  return `audit-events.${action.replaceAll(/[._]/g, '-')}`;
}

type Names = ReadonlyMap<string, string>;

/** @returns the sentence; of a kind that has no message, such as one of a newer node, its name. */
export function eventSentence(t: Messages, event: StoredAuditEvent, names: Names): string {
  const { action, outcome } = event;
  const actor = actorName(t, event, names);
  try {
    return t.text(eventKey(action), { actor, outcome, ...valuesOf(t, event, names) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return t.text('audit.other', { actor, action, outcome });
  }
}

/** @returns who did it: a person, else the application, else the service itself. */
export function actorName(t: Messages, event: StoredAuditEvent, names: Names): string {
  const { actorAccountId, actorEmail, actorClientId } = event;
  if (actorEmail !== undefined) return actorEmail;
  if (actorAccountId !== undefined) return t.text('audit.deleted-person');
  if (actorClientId === undefined) return t.text('audit.nobody');
  return names.get(actorClientId) ?? actorClientId;
}

function valuesOf(t: Messages, { subject = '', before, after }: StoredAuditEvent, names: Names) {
  const detail = (name: string) => textIn(after, name) ?? textIn(before, name);
  const named = (id: string | undefined) => (id === undefined ? '' : (names.get(id) ?? id));
  const role = detail('role') ?? detail('base_role') ?? '';
  const email = detail('email');
  return {
    subject: names.get(subject) ?? detail('slug') ?? detail('name') ?? subject,
    person: named(detail('member') ?? detail('manager')) || (email ?? t.text('audit.somebody')),
    resource: named(detail('database')),
    role: isBaseRole(role) ? baseRoleName(role, t.locale) : roleName(role, t.locale),
    name: detail('name') ?? detail('slug') ?? named(subject),
  };
}

function textIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : undefined;
}

/** @returns the printed id of whoever did it. */
export function actorId({ actorAccountId }: StoredAuditEvent): string | undefined {
  return actorAccountId === undefined ? undefined : printId('user', actorAccountId);
}
