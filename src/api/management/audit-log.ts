/**
 * The audit trail: an organization's, for its administrators, and each person's own.
 *
 * @module
 */

import { z } from 'zod';
import { parseId } from '../../lib/ids.ts';
import { auditKindNames, auditKinds } from '../../organizations/audit-kinds.ts';
import {
  type AuditPage,
  type AuditPageWish,
  readAuditLog,
  readOwnAuditLog,
} from '../../organizations/audit-log.ts';
import type { AuditFilters } from '../../storage/audit/audit-log.ts';
import { exportAs, exportFormats } from './audit-export.ts';
import { limitOf, pageQuery } from './pages.ts';
import { personOf } from './person.ts';
import { printAuditEvent } from './print.ts';
import { route } from './route.ts';
import * as schemas from './schemas.ts';

const log = '/organizations/{organization}/audit-log';

const words = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[ -~]+$/);
const ownFilters = {
  action: words.optional(),
  subject: words.optional().meta({ description: 'A printed id.' }),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
};
const filters = {
  ...ownFilters,
  actor: schemas.printedId('member').optional(),
  kind: z.enum(auditKindNames).optional().meta({ description: 'What it is about.' }),
  application: words.optional().meta({
    description: 'The id of the application through which, or about which, it was done.',
  }),
};
const filterSchema = z.strictObject(filters);

function filtersOf(query: z.output<typeof filterSchema>): AuditFilters {
  const { action, subject, since, until, actor, kind, application } = query;
  return {
    action,
    subject,
    clientId: application,
    families: kind && auditKinds[kind],
    since: since === undefined ? undefined : new Date(since),
    until: until === undefined ? undefined : new Date(until),
    ...(actor === undefined ? {} : { actorAccountId: parseId('user', actor) }),
  };
}

interface Wish extends z.output<typeof filterSchema> {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

function wishOf({ limit, cursor, ...query }: Wish, cursorKey: Buffer): AuditPageWish {
  return { filters: filtersOf(query), cursor, limit: limitOf({ limit }), cursorKey };
}

const answer = z.object({
  items: z.array(schemas.auditEvent),
  next_cursor: z.string().optional(),
});

function printPage({ events, nextCursor }: AuditPage) {
  const items = events.map(printAuditEvent);
  return nextCursor === undefined ? { items } : { items, next_cursor: nextCursor };
}

export const auditRoutes = [
  route({
    id: 'readAuditLog',
    address: `GET ${log}`,
    summary: 'What happened in the organization, newest first',
    act: 'audit_log.read',
    query: z.strictObject({ ...filters, ...pageQuery }),
    answer,
    run: ({ work, actor, at, query, cursorKey }) =>
      readAuditLog(work, actor, at.organizationId, wishOf(query, cursorKey)),
    print: printPage,
  }),
  route({
    id: 'exportAuditLog',
    address: `GET ${log}/export`,
    summary: 'The same as a file',
    act: 'audit_log.read',
    query: z.strictObject({ ...filters, format: z.enum(['csv', 'jsonl']) }),
    file: Object.values(exportFormats),
    run: ({ work, actor, at, query: { format, ...query }, cursorKey }) =>
      exportAs(format, (cursor) =>
        readAuditLog(work, actor, at.organizationId, {
          ...wishOf({ ...query, cursor }, cursorKey),
          limit: 500,
        }),
      ),
  }),
  route({
    id: 'readOwnAuditLog',
    address: 'GET /user/audit-log',
    summary: 'What the person did, newest first',
    query: z.strictObject({ ...ownFilters, ...pageQuery }),
    answer,
    run: ({ db, actor, query, cursorKey }) =>
      readOwnAuditLog(db, personOf(actor), wishOf(query, cursorKey)),
    print: printPage,
  }),
];
