/**
 * A client replaces its own registration: all of it, as if it registered anew under its id.
 *
 *     hold -> check what must match -> check the metadata -> drop consents -> save -> secrets -> audit
 *
 * A field that is left out goes back to its default. Fewer scopes count at once, since every
 * decision reads them. What else follows: replaced-metadata.ts.
 *
 * Source: RFC 7592 section 2.2.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteClientSecrets, isClientSecret } from '../storage/clients/client-secrets.ts';
import { forgetRegistration } from '../storage/clients/shared-registrations.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { fromMetadata, printMetadata } from './metadata-mapping.ts';
import {
  checkOwnMetadata,
  findVerifiedTwin,
  type RefusedMetadata,
  type RegistrationRequest,
} from './register.ts';
import {
  type Barred,
  holdManagedClient,
  type IssuedRegistration,
  issueRegistrationAccessToken,
  issueSecret,
  needsSecret,
  type RegistrationCredentials,
} from './registration-credentials.ts';
import { replaceMetadata } from './replaced-metadata.ts';

export type UpdateOutcome =
  | ({ readonly outcome: 'updated' } & IssuedRegistration)
  | RefusedMetadata
  | Barred;

/**
 * Replaces the metadata of a client, or changes nothing.
 *
 * @returns when updated: a new registration access token, which replaces the one that was used, and a
 *   secret if the client needs one from now on and had none.
 */
export function updateRegistration(
  database: Database,
  credentials: RegistrationCredentials,
  { input, production, origin }: RegistrationRequest,
): Promise<UpdateOutcome> {
  return database.run(async (tx) => {
    const found = await holdManagedClient(tx, credentials);
    if (found.outcome !== 'managed') return found;
    const before = found.client;
    const mismatch = await findMismatch(tx, before, input);
    if (mismatch !== undefined) return refused(mismatch);
    const checked = checkOwnMetadata(input, production);
    if (checked.outcome === 'refused') return checked;

    const registered = fromMetadata(checked.metadata);
    const taken =
      registered.name === before.name
        ? undefined
        : await findVerifiedTwin(tx, before.id, registered.name);
    if (taken !== undefined) return taken;
    const { client, endedConsents } = await replaceMetadata(tx, before, registered);
    await forgetRegistration(tx, client.id);
    const secret = await adjustSecrets(tx, before, client);
    const token = await issueRegistrationAccessToken(tx, client.id);
    await recordAuditEvent(tx, {
      action: 'application.updated',
      actorClientId: client.id,
      organizationId: client.ownerOrganizationId,
      subject: client.id,
      before: printMetadata(before),
      after: { ...printMetadata(client), ended_consents: endedConsents },
      origin,
    });
    return { outcome: 'updated', client, secret, token };
  });
}

/** RFC 7592 section 2.2: these are the server's to say. */
const forbidden = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

async function findMismatch(tx: Db, client: Client, input: unknown): Promise<string | undefined> {
  const given = new Map(Object.entries(input ?? {}).filter(([, value]) => value !== null));
  const unwanted = forbidden.find((field) => given.has(field));
  if (unwanted !== undefined) return `${unwanted} must not be sent`;
  if (given.get('client_id') !== client.id) return 'client_id must be that of this client';
  const secret = given.get('client_secret');
  if (secret === undefined) return undefined;
  return typeof secret === 'string' && (await isClientSecret(tx, client.id, secret))
    ? undefined
    : 'client_secret must be one that this client has';
}

function refused(description: string): RefusedMetadata {
  return { outcome: 'refused', error: 'invalid_client_metadata', description };
}

/** A secret that no way to authenticate uses would only be one more to steal. */
async function adjustSecrets(tx: Db, before: Client, after: Client): Promise<string | undefined> {
  const [had, needs] = [needsSecret(before.authMethod), needsSecret(after.authMethod)];
  if (had && !needs) await deleteClientSecrets(tx, after.id);
  return needs && !had ? issueSecret(tx, after.id) : undefined;
}
