/**
 * Stores what a document says: a new application, or a change of one that is known.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../../clients/client.ts';
import { type AuditEvent, recordAuditEvent } from '../../storage/audit/audit-log.ts';
import { saveDocument } from '../../storage/clients/client-documents.ts';
import { holdClient, saveClient } from '../../storage/clients/clients.ts';
import type { Db } from '../../storage/engine/database.ts';
import { printMetadata, type RegisteredMetadata } from '../metadata-mapping.ts';
import { replaceMetadata } from '../replaced-metadata.ts';
import type { ReadDocument } from './read-document.ts';

/** By whom and from where it came that a document was read. */
export interface DocumentReader extends Pick<AuditEvent, 'actorAccountId' | 'origin'> {
  /** Whether an operator gave it, to be kept as it is. */
  readonly isPinned: boolean;
}

/** Stores a document with its application. */
export async function storeDocument(
  tx: Db,
  { href: id, hostname: host }: URL,
  { registered, freshSeconds }: ReadDocument,
  { isPinned, ...by }: DocumentReader,
): Promise<void> {
  const before = await holdClient(tx, id);
  const event = { ...by, actorClientId: id, subject: id };
  if (before === undefined) {
    const client = await addClient(tx, id, registered);
    await recordAuditEvent(tx, {
      ...event,
      action: 'application.registered',
      after: metadataOf(client),
    });
  } else if (saysElse(before, registered)) {
    const { client, endedConsents } = await replaceMetadata(tx, before, registered);
    await recordAuditEvent(tx, {
      ...event,
      action: 'application.updated',
      organizationId: before.ownerOrganizationId,
      before: metadataOf(before),
      after: { ...metadataOf(client), ended_consents: endedConsents },
    });
  }
  await saveDocument(tx, { clientId: id, host, isPinned, freshSeconds });
}

/** As one that registered itself: nobody vouches for it. */
function addClient(tx: Db, id: string, registered: RegisteredMetadata): Promise<Client> {
  return saveClient(tx, {
    ...registered,
    id,
    status: 'active',
    dynamic: true,
    resourceServer: undefined,
    requiresResource: false,
  });
}

function saysElse(before: Client, registered: RegisteredMetadata): boolean {
  const { id, status, dynamic, resourceServer, requiresResource } = before;
  const { settings, scopeBound, createdAt } = before;
  const kept = { id, status, dynamic, resourceServer, requiresResource };
  const after = { ...kept, settings, scopeBound, createdAt, ...registered };
  return !isDeepStrictEqual(asJson(metadataOf(before)), asJson(metadataOf(after)));
}

function metadataOf(client: Client) {
  return { ...printMetadata(client), calls_itself: client.claimedName };
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
