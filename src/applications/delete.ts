/**
 * A client takes itself away, and with it its secrets, consents, grants and tokens.
 *
 * Source: RFC 7592 section 2.3.
 *
 * @module
 */

import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteConsentsOfClient } from '../storage/clients/client-consents.ts';
import { deleteClient } from '../storage/clients/clients.ts';
import type { Database } from '../storage/engine/database.ts';
import { printMetadata } from './metadata-mapping.ts';
import {
  type Barred,
  holdManagedClient,
  type RegistrationCredentials,
} from './registration-credentials.ts';

export type DeleteOutcome = { readonly outcome: 'deleted' } | Barred;

/** Deletes the client that the credentials are for, all in one step. */
export function deleteRegistration(
  database: Database,
  credentials: RegistrationCredentials,
  origin: Origin,
): Promise<DeleteOutcome> {
  return database.run(async (tx) => {
    const found = await holdManagedClient(tx, credentials);
    if (found.outcome !== 'managed') return found;
    const { client } = found;
    const endedConsents = await deleteConsentsOfClient(tx, client.id);
    await deleteClient(tx, client.id);
    await recordAuditEvent(tx, {
      action: 'application.deleted',
      actorClientId: client.id,
      organizationId: client.ownerOrganizationId,
      subject: client.id,
      before: { ...printMetadata(client), ended_consents: endedConsents },
      origin,
    });
    return { outcome: 'deleted' };
  });
}
