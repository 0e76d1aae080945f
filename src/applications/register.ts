/**
 * Dynamic registration: an application makes itself known, and nobody has vouched for it.
 *
 *     check the metadata -> fill in what it left open -> client, secret, token, audit in one step
 *
 * Source: RFC 7591 section 3.
 *
 * @module
 */

import { expandForRegistration } from '../catalogue/expand-scope.ts';
import { type ClientMetadataOutcome, validateClientMetadata } from '../clients/client-metadata.ts';
import { findUnvouchedFault } from '../clients/required-scope.ts';
import { readsAs } from '../clients/reserved-names.ts';
import { newId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteClient, findVerifiedNames, saveClient } from '../storage/clients/clients.ts';
import {
  isRegisteredAlready,
  type RegistrationKey,
  registerAgain,
  saveRegistration,
} from '../storage/clients/shared-registrations.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { fromMetadata, printMetadata, type RegisteredMetadata } from './metadata-mapping.ts';
import { keyOfRegistration } from './registered-before.ts';
import {
  type IssuedRegistration,
  issueRegistrationAccessToken,
  issueSecret,
  needsSecret,
} from './registration-credentials.ts';

/** Metadata that came in, and under which rules and from where. */
export interface RegistrationRequest {
  /** Parsed JSON; anything. */
  readonly input: unknown;
  readonly production: boolean;
  readonly origin: Origin;
}

/** Why metadata was refused, in the words of RFC 7591 section 3.2.2. */
export type RefusedMetadata = Extract<ClientMetadataOutcome, { outcome: 'refused' }>;

export type RegisterOutcome =
  | ({ readonly outcome: 'registered' } & IssuedRegistration)
  | RefusedMetadata;

/**
 * Registers an application, or stores nothing. The same one from the same network is given out again, where
 * it has no secret (registered-before.ts).
 */
export async function registerApplication(
  database: Database,
  { input, production, origin }: RegistrationRequest,
): Promise<RegisterOutcome> {
  const checked = checkOwnMetadata(input, production);
  if (checked.outcome === 'refused') return checked;
  const registered = fromMetadata(checked.metadata);
  const key = keyOfRegistration(registered, origin);
  for (;;) {
    const outcome = await database.run(
      async (tx) => (await giveAgain(tx, key)) ?? addApplication(tx, registered, key, origin),
    );
    if (outcome !== undefined) return outcome;
  }
}

/** Whether registering this gives out a client that is there already. */
export async function isRegisteredBefore(
  db: Db,
  { input, production, origin }: RegistrationRequest,
): Promise<boolean> {
  const checked = checkOwnMetadata(input, production);
  if (checked.outcome === 'refused') return false;
  const key = keyOfRegistration(fromMetadata(checked.metadata), origin);
  return key !== undefined && isRegisteredAlready(db, key);
}

async function giveAgain(
  tx: Db,
  key: RegistrationKey | undefined,
): Promise<RegisterOutcome | undefined> {
  const client = key && (await registerAgain(tx, key));
  if (client === undefined) return undefined;
  const token = await issueRegistrationAccessToken(tx, client.id);
  return { outcome: 'registered', client, secret: undefined, token };
}

/** @returns undefined where somebody registered the same at this moment; nothing may be kept then. */
async function addApplication(
  tx: Db,
  registered: RegisteredMetadata,
  key: RegistrationKey | undefined,
  origin: Origin,
): Promise<RegisterOutcome | undefined> {
  const id = `app_${newId().replaceAll('-', '')}`;
  const taken = await findVerifiedTwin(tx, id, registered.name);
  if (taken !== undefined) return taken;
  const client = await saveClient(tx, {
    ...registered,
    id,
    status: 'active',
    dynamic: true,
    resourceServer: undefined,
    requiresResource: false,
  });
  if (key !== undefined && !(await saveRegistration(tx, key, id))) {
    await deleteClient(tx, id);
    return undefined;
  }
  const secret = needsSecret(client.authMethod) ? await issueSecret(tx, id) : undefined;
  const token = await issueRegistrationAccessToken(tx, id);
  const after = printMetadata(client);
  const event = { action: 'application.registered', actorClientId: id, subject: id };
  await recordAuditEvent(tx, { ...event, after, origin });
  return { outcome: 'registered', client, secret, token };
}

/** The check of whatever is registered, by whomever. */
export function checkMetadata(input: unknown, production: boolean): ClientMetadataOutcome {
  return validateClientMetadata(input, { production, expandScope: expandForRegistration });
}

/** The same where an application says it of itself, with nobody to vouch for it. */
export function checkOwnMetadata(input: unknown, production: boolean): ClientMetadataOutcome {
  const checked = checkMetadata(input, production);
  if (checked.outcome === 'refused') return checked;
  const description = findUnvouchedFault(checked.metadata);
  if (description === undefined) return checked;
  return { outcome: 'refused', error: 'invalid_client_metadata', description };
}

/**
 * Nobody else registers the name of an application that was verified: people trust it by its name.
 *
 * @returns the refusal of a name that reads as that of a verified application; undefined of another.
 */
export async function findVerifiedTwin(
  tx: Db,
  id: string,
  name: string,
): Promise<RefusedMetadata | undefined> {
  const verified = await findVerifiedNames(tx, id);
  if (!verified.some((one) => readsAs(one, name))) return undefined;
  const description = 'client_name must not read as the name of a verified application';
  return { outcome: 'refused', error: 'invalid_client_metadata', description };
}
