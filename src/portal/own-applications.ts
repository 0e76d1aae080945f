/**
 * The applications of a person, who alone registers, changes and ends them; and those of an organization,
 * which its administrators register and end, and its managers change. Somebody else's and what is not
 * there look the same.
 *
 * @module
 */

import { fromMetadata, printMetadata } from '../applications/metadata-mapping.ts';
import { findVerifiedTwin } from '../applications/register.ts';
import { issueSecret, needsSecret } from '../applications/registration-credentials.ts';
import { replaceMetadata } from '../applications/replaced-metadata.ts';
import type { Client } from '../clients/client.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';
import { deleteConsentsOfClient } from '../storage/clients/client-consents.ts';
import { deleteClient, findClient, saveClient } from '../storage/clients/clients.ts';
import {
  countOwnClients,
  findOwnClient,
  giveOwner,
  holdOwnClient,
  listManagedClients,
  listOwnClients,
  noteChange,
  type OwnClient,
} from '../storage/clients/own-clients.ts';
import type { Db, Reader, Work } from '../storage/engine/database.ts';
import { afterChange } from './kept-metadata.ts';
import { managersFaults } from './managers-faults.ts';
import {
  changeOwned,
  idOf,
  type OwnApplicationIds,
  type Owner,
  type Right,
  readOwned,
} from './owner.ts';
import { checkTyped, type Fault, type TypedApplication } from './typed-application.ts';

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
  /** `secret` is shown here and never again; undefined of a client that keeps none. */
  | {
      readonly outcome: 'registered';
      readonly client: OwnClient;
      readonly secret: string | undefined;
    }
  /** `again`: the same form came before. `too_many`: the owner has as many as they may. */
  | { readonly outcome: 'again' | 'too_many' }
  | Refused;

/** How many applications a person, and an organization, may have. */
export const maxApplications = { person: 20, organization: 100 } as const;

/** An application to be made. */
export interface NewOwn extends Typed {
  /** The client id, made by the page of the form. */
  readonly id: string;
  /** Whether one that keeps secrets gets its first one; else none. */
  readonly hasSecret?: boolean;
}

/** Registers an application. */
export async function registerOwn(
  work: Work,
  owner: Owner,
  { id, typed, production, hasSecret = true }: NewOwn,
): Promise<RegisterOutcome> {
  const checked = checkTyped(typed, production);
  if (checked.outcome === 'refused') return checked;
  const { metadata, description } = checked;
  const ids = { owner, clientId: id };
  return changeOwned<RegisterOutcome>(work, ids, 'application.created', async (tx) => {
    const count = await countOwnClients(tx, idOf(owner));
    if ((await findClient(tx, id)) !== undefined) return { result: { outcome: 'again' } };
    if (count >= mostOf(owner)) return { result: { outcome: 'too_many' } };
    const taken = await nameTaken(tx, id, metadata);
    if (taken !== undefined) return { result: taken };
    const client = await saveClient(tx, {
      ...fromMetadata(metadata),
      id,
      status: 'active',
      dynamic: false,
      resourceServer: undefined,
      requiresResource: false,
    });
    await giveOwner(tx, id, { owner: idOf(owner), description });
    const isKept = hasSecret && needsSecret(client.authMethod);
    const secret = isKept ? await issueSecret(tx, id) : undefined;
    const after = { ...printMetadata(client), description };
    const made = await findOwnClient(tx, idOf(owner), id);
    if (made === undefined) throw new Error('what was registered is its owner’s');
    return { result: { outcome: 'registered', client: made, secret }, after };
  });
}

function mostOf({ organizationId }: Owner): number {
  return maxApplications[organizationId === undefined ? 'person' : 'organization'];
}

export type ChangeOutcome =
  /** `endedConsents`: people are asked anew, since codes go to another redirect URI. */
  | { readonly outcome: 'changed'; readonly client: OwnClient; readonly endedConsents: number }
  /** Somebody changed it since it was shown. */
  | { readonly outcome: 'outdated' }
  | Refused
  | Unknown;

/** Changes an application, if it still is the version that was shown. @param version undefined: whichever it is. */
export function changeOwn(
  work: Work,
  ids: OwnApplicationIds,
  { version, typed, production }: Typed & { readonly version: number | undefined },
): Promise<ChangeOutcome> {
  const { owner, clientId: id } = ids;
  return changeOwned<ChangeOutcome>(work, ids, 'application.updated', async (tx, right) => {
    const before = await holdOwnClient(tx, idOf(owner), id);
    if (before === undefined) return { result: { outcome: 'unknown' } };
    // How it proves itself is not changed: its secrets go with that.
    const checked = checkTyped({ ...typed, kind: kindOf(before) }, production);
    if (checked.outcome === 'refused') return { result: checked };
    if (version !== undefined && before.version !== version)
      return { result: { outcome: 'outdated' } };
    const { metadata, description } = checked;
    const refused = await refusalOf(tx, before, { metadata, right });
    if (refused !== undefined) return { result: refused };
    const replaced = await replaceMetadata(tx, before, afterChange(before, metadata));
    const { client, endedConsents } = replaced;
    await noteChange(tx, id, description);
    const shown = await findOwnClient(tx, idOf(owner), id);
    return {
      result: { outcome: 'changed', client: shown ?? before, endedConsents },
      before: { ...printMetadata(before), description: before.description },
      after: { ...printMetadata(client), description, ended_consents: endedConsents },
    };
  });
}

/** Ends an application with its secrets, and with all consents and tokens of the people who use it. */
export function deleteOwn(
  work: Work,
  ids: OwnApplicationIds,
): Promise<{ readonly outcome: 'deleted' } | Unknown> {
  const { owner, clientId: id } = ids;
  type Outcome = { readonly outcome: 'deleted' } | Unknown;
  return changeOwned<Outcome>(work, ids, 'application.deleted', async (tx) => {
    const before = await holdOwnClient(tx, idOf(owner), id);
    if (before === undefined) return { result: { outcome: 'unknown' } };
    const endedConsents = await deleteConsentsOfClient(tx, id);
    await deleteClient(tx, id);
    return {
      result: { outcome: 'deleted' },
      before: { ...printMetadata(before), ended_consents: endedConsents },
    };
  });
}

/** Applications, and how far the actor's right on them goes. */
export interface OwnList extends Right {
  readonly applications: readonly OwnClient[];
}

/** The owner's applications, by name; to a manager those that they were named for. */
export function listOwn(db: Reader, owner: Owner): Promise<OwnList> {
  return readOwned(db, { owner }, async (tx, { isWhole }) => {
    const { organizationId, actor } = owner;
    const isAll = isWhole || organizationId === undefined || actor.accountId === undefined;
    const applications = isAll
      ? await listOwnClients(tx, idOf(owner))
      : await listManagedClients(tx, organizationId, actor.accountId);
    return { applications, isWhole };
  });
}

/** One application, and how far the actor's right on it goes. */
export type Owned = OwnClient & Right;

/** One of the owner's applications; undefined of another. */
export function findOwn(db: Reader, ids: OwnApplicationIds): Promise<Owned | undefined> {
  return readOwned(db, ids, async (tx, { isWhole }) => {
    const client = await findOwnClient(tx, idOf(ids.owner), ids.clientId);
    return client && { ...client, isWhole };
  });
}

/** The kind that its developer chose. */
export function kindOf({ applicationType, authMethod }: Client): 'web' | 'native' | 'browser' {
  if (applicationType === 'native') return 'native';
  return authMethod === 'none' ? 'browser' : 'web';
}

async function refusalOf(
  tx: Db,
  before: OwnClient,
  { metadata, right }: { readonly metadata: ClientMetadata; readonly right: Right },
): Promise<Refused | undefined> {
  const faults = right.isWhole ? [] : managersFaults(before, metadata);
  if (faults.length > 0) return { outcome: 'refused', faults };
  return metadata.client_name === before.name ? undefined : nameTaken(tx, before.id, metadata);
}

async function nameTaken(
  tx: Db,
  id: string,
  { client_name: name = '' }: ClientMetadata,
): Promise<Refused | undefined> {
  const twin = await findVerifiedTwin(tx, id, name);
  return twin && { outcome: 'refused', faults: [{ field: 'name', reason: 'taken' }] };
}
