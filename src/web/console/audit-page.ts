/**
 * The audit log of an organization: what happened, newest first.
 *
 *   GET /organizations/:slug/audit?person=&kind=&subject=&app=&since=&until=
 *
 * @module
 */

import { normalizeEmail } from '../../lib/email-address.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { type AuditKind, auditKindNames, auditKinds } from '../../organizations/audit-kinds.ts';
import { readAuditLog } from '../../organizations/audit-log.ts';
import { namesIn } from '../../organizations/audit-names.ts';
import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import type { AuditFilters, StoredAuditEvent } from '../../storage/audit/audit-log.ts';
import { findAccountWithPassword } from '../../storage/people/accounts.ts';
import { actorId, actorName, eventSentence } from './audit-sentence.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';

const section = 'audit-log';
const path = '/audit';
const pageOf = 40;

export const auditPages: readonly ConsolePage[] = [
  {
    method: 'GET',
    path,
    section,
    act: 'audit_log.read',
    benched: ['?kind=people', '?person=nobody@x.test'],
    open,
  },
];

const kindTexts = {
  '': 'audit.kind-any',
  people: 'audit.kind-people',
  access: 'audit.kind-access',
  databases: 'audit.kind-databases',
  teams: 'audit.kind-teams',
  apps: 'audit.kind-apps',
  settings: 'audit.kind-settings',
  log: 'audit.kind-log',
} as const satisfies Readonly<Record<AuditKind | '', string>>;
const kindNames = Object.keys(kindTexts) as (keyof typeof kindTexts)[];

const exportTexts = { csv: 'audit.export-csv', jsonl: 'audit.export-jsonl' } as const;

/** What is typed into the filters; '' is any. */
interface Typed {
  readonly person: string;
  readonly kind: AuditKind | '';
  readonly subject: string;
  readonly app: string;
  readonly since: string;
  readonly until: string;
}

function typedOf({ ctx }: ConsoleRequest): Typed {
  const text = (name: string) => (ctx.URL.searchParams.get(name) ?? '').trim().slice(0, 300);
  const day = (name: string) => (isDay(text(name)) ? text(name) : '');
  const kind = auditKindNames.find((one) => one === text('kind'));
  return {
    person: text('person'),
    kind: kind ?? '',
    subject: text('subject'),
    app: text('app'),
    since: day('since'),
    until: day('until'),
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

const dayMs = 86_400_000;
/** An id that nobody has: whoever asks for an unknown address finds nothing. */
const nobody = '00000000-0000-0000-0000-000000000000';

async function filtersOf({ db }: ConsoleParts, typed: Typed): Promise<AuditFilters> {
  const { person, kind, subject, app, since, until } = typed;
  const email = normalizeEmail(person);
  const account = email === undefined ? undefined : await findAccountWithPassword(db, { email });
  return {
    actorAccountId: person === '' ? undefined : (account?.account.id ?? nobody),
    families: kind === '' ? undefined : auditKinds[kind],
    subject: subject === '' ? undefined : subject,
    clientId: app === '' ? undefined : app,
    since: since === '' ? undefined : new Date(`${since}T00:00:00Z`),
    until: until === '' ? undefined : new Date(Date.parse(`${until}T00:00:00Z`) + dayMs),
  };
}

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { here, actor, ctx } = request;
  const t = parts.messagesOf(ctx);
  const { id: organizationId } = here.organization;
  const typed = typedOf(request);
  const filters = await filtersOf(parts, typed);
  const cursor = ctx.URL.searchParams.get('after') ?? undefined;
  const wish = { filters, cursor, limit: pageOf, cursorKey: parts.consoleKey };
  const { events, nextCursor } = await readAuditLog(parts.db, actor, organizationId, wish);
  const entrance = inOrganization(actor, 'audit_log.read', { organizationId });
  const names = await readInside(parts.db, entrance, (tx) => namesIn(tx, organizationId, events));
  const addressWith = (more: Partial<Typed> & { readonly after?: string }) => {
    const all = Object.entries({ ...typed, ...more }).filter(([, value]) => value !== '');
    return `${here.base}${path}${all.length === 0 ? '' : `?${new URLSearchParams(all)}`}`;
  };
  showConsole(parts, request, 'console/audit', {
    title: t.text('console.audit-log'),
    section,
    typed,
    path: here.base + path,
    isFiltered: Object.values(typed).some((value) => value !== ''),
    kinds: kindNames.map((kind) => ({
      value: kind,
      name: t.text(kindTexts[kind]),
      isChosen: kind === typed.kind,
    })),
    events: events.map((event) => shown(t, event, names, addressWith)),
    next: nextCursor && addressWith({ after: nextCursor }),
    first: cursor && addressWith({}),
    exports: (['csv', 'jsonl'] as const).map((format) => ({
      href: exportAddress(organizationId, { format, kind: typed.kind, filters }),
      label: t.text(exportTexts[format]),
      kind: 'quiet',
    })),
  });
}

interface Export {
  readonly format: string;
  readonly kind: AuditKind | '';
  readonly filters: AuditFilters;
}

/** The API's own export, of what the page shows. */
function exportAddress(organizationId: string, { format, kind, filters }: Export): string {
  const { actorAccountId, subject, clientId, since, until } = filters;
  const query = new URLSearchParams({ format });
  if (kind !== '') query.set('kind', kind);
  if (clientId !== undefined) query.set('application', clientId);
  if (actorAccountId !== undefined) query.set('actor', printId('user', actorAccountId));
  if (subject !== undefined) query.set('subject', subject);
  if (since !== undefined) query.set('since', since.toISOString());
  if (until !== undefined) query.set('until', until.toISOString());
  const id = printId('organization', organizationId);
  return `/api/v1/organizations/${id}/audit-log/export?${query}`;
}

function shown(
  t: Messages,
  event: StoredAuditEvent,
  names: ReadonlyMap<string, string>,
  addressWith: (more: Partial<Typed>) => string,
) {
  const { subject, before, after, address, userAgent, actorEmail, actorClientId } = event;
  const json = (value: unknown) =>
    value === undefined ? undefined : JSON.stringify(value, null, 2);
  return {
    sentence: eventSentence(t, event, names),
    isRefused: event.outcome === 'refused',
    at: event.at.toISOString(),
    action: event.action,
    id: event.id,
    actor: actorName(t, event, names),
    actorId: actorId(event),
    app: actorClientId && (names.get(actorClientId) ?? actorClientId),
    subject,
    before: json(before),
    after: json(after),
    address,
    userAgent,
    sameActorHref: actorEmail && addressWith({ person: actorEmail }),
    sameSubjectHref: subject && addressWith({ subject }),
    sameAppHref: actorClientId && addressWith({ app: actorClientId }),
  };
}
