/**
 * A person's own applications: registered, changed and ended by their owner alone. Somebody else's and
 * what is not there look the same.
 *
 * @module
 */

import { fromMetadata, printMetadata } from '../applications/metadata-mapping.ts';
import { leadsElsewhere } from '../applications/redirect-hosts.ts';
import { findVerifiedTwin } from '../applications/register.ts';
import { issueSecret, needsSecret } from '../applications/registration-credentials.ts';
import type { Client } from '../clients/client.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteConsentsOfClient } from '../storage/clients/client-consents.ts';
import {
  deleteClient,
  findClient,
  saveClient,
  unverifyClient,
} from '../storage/clients/clients.ts';
import {
  countOwnClients,
  findOwnClient,
  giveOwner,
  holdOwnClient,
  listOwnClients,
  noteChange,
  type OwnClient,
} from '../storage/clients/own-clients.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { checkTyped, type Fault, type TypedApplication } from './typed-application.ts';

/** The owner, and where the request comes from. */
export interface Owner {
  readonly accountId: string;
  readonly origin: Origin;
}

/** What was typed, and under which rules. */
export interface Typed {
  readonly typed: TypedApplication;
  readonly production: boolean;
}

type Refused = {
  readonly outcome: 'refused';
  readonly faults: readonly Fault[];
};
type Unknown = { readonly outcome: 'unknown' };

export type RegisterOutcome =
  /** `secret` is told here and never again; undefined of a client that keeps none. */
  | {
      readonly outcome: 'registered';
      readonly client: Client;
      readonly secret: string | undefined;
    }
  /** `again`: the same form came before. `too_many`: the person has as many as they may. */
  | { readonly outcome: 'again' | 'too_many' }
  | Refused;

const maxApplications = 20;

/** Registers an application for a person. @param id the new client's, made by the page of the form. */
export async function registerOwn(
  database: Database,
  { accountId, origin }: Owner,
  { id, typed, production }: Typed & { readonly id: string },
): Promise<RegisterOutcome> {
  const checked = checkTyped(typed, production);
  if (checked.outcome === 'refused') return checked;
  return database.transaction(async (tx) => {
    const owned = await countOwnClients(tx, accountId);
    if ((await findClient(tx, id)) !== undefined) return { outcome: 'again' };
    if (owned >= maxApplications) return { outcome: 'too_many' };
    const taken = await nameTaken(tx, id, checked.metadata);
    if (taken !== undefined) return taken;
    const client = await saveClient(tx, {
      ...fromMetadata(checked.metadata),
      id,
      status: 'active',
      dynamic: false,
      resourceServer: undefined,
      requiresResource: false,
    });
    const { description } = checked;
    await giveOwner(tx, id, { accountId, description });
    const secret = needsSecret(client.authMethod) ? await issueSecret(tx, id) : undefined;
    await recordAuditEvent(tx, {
      action: 'application.created',
      actorAccountId: accountId,
      subject: id,
      after: { ...printMetadata(client), description },
      origin,
    });
    return { outcome: 'registered', client, secret };
  });
}

export type ChangeOutcome =
  /** `endedConsents`: people are asked anew, since codes go to another place. */
  | { readonly outcome: 'changed'; readonly endedConsents: number }
  /** Somebody changed it since it was shown. */
  | { readonly outcome: 'outdated' }
  | Refused
  | Unknown;

/** Changes an application, if it still is the version that was shown. */
export async function changeOwn(
  database: Database,
  { accountId, origin }: Owner,
  { id, version, typed, production }: Typed & { readonly id: string; readonly version: number },
): Promise<ChangeOutcome> {
  return database.transaction(async (tx) => {
    const before = await holdOwnClient(tx, accountId, id);
    if (before === undefined) return { outcome: 'unknown' };
    // How it proves itself is not changed: its secrets go with that.
    const checked = checkTyped({ ...typed, kind: kindOf(before) }, production);
    if (checked.outcome === 'refused') return checked;
    if (before.version !== version) return { outcome: 'outdated' };
    const { metadata, description } = checked;
    const taken =
      metadata.client_name === before.name ? undefined : await nameTaken(tx, id, metadata);
    if (taken !== undefined) return taken;
    const isMoved = leadsElsewhere(before.redirectUris, metadata.redirect_uris);
    const endedConsents = isMoved ? await deleteConsentsOfClient(tx, id) : 0;
    const client = await saveClient(tx, {
      ...keptOf(before),
      ...fromMetadata(metadata),
    });
    if (before.isVerified) await unverifyClient(tx, id);
    await noteChange(tx, id, description);
    await recordAuditEvent(tx, {
      action: 'application.updated',
      actorAccountId: accountId,
      subject: id,
      before: { ...printMetadata(before), description: before.description },
      after: {
        ...printMetadata(client),
        description,
        ended_consents: endedConsents,
      },
      origin,
    });
    return { outcome: 'changed', endedConsents };
  });
}

/** Ends an application with its secrets, and with all consents and tokens of the people who use it. */
export async function deleteOwn(
  database: Database,
  { accountId, origin }: Owner,
  id: string,
): Promise<{ readonly outcome: 'deleted' } | Unknown> {
  return database.transaction(async (tx) => {
    const before = await holdOwnClient(tx, accountId, id);
    if (before === undefined) return { outcome: 'unknown' };
    const endedConsents = await deleteConsentsOfClient(tx, id);
    await deleteClient(tx, id);
    await recordAuditEvent(tx, {
      action: 'application.deleted',
      actorAccountId: accountId,
      subject: id,
      before: { ...printMetadata(before), ended_consents: endedConsents },
      origin,
    });
    return { outcome: 'deleted' };
  });
}

/** The person's applications, by name. */
export function listOwn(db: Db, accountId: string): Promise<OwnClient[]> {
  return listOwnClients(db, accountId);
}

/** One of the person's applications; undefined of another. */
export function findOwn(db: Db, accountId: string, id: string): Promise<OwnClient | undefined> {
  return findOwnClient(db, accountId, id);
}

/** The kind that its developer chose. */
export function kindOf({ applicationType, authMethod }: Client): 'web' | 'native' | 'browser' {
  if (applicationType === 'native') return 'native';
  return needsSecret(authMethod) ? 'web' : 'browser';
}

async function nameTaken(
  tx: Db,
  id: string,
  { client_name: name = '' }: ClientMetadata,
): Promise<Refused | undefined> {
  const twin = await findVerifiedTwin(tx, id, name);
  return twin && { outcome: 'refused', faults: [{ field: 'name', reason: 'taken' }] };
}

/** What a change leaves as it is. */
function keptOf({ id, status, dynamic, resourceServer, requiresResource }: Client) {
  return { id, status, dynamic, resourceServer, requiresResource };
}
