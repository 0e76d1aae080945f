/**
 * What the subjects of clients share: how a list and a removal are declared and done.
 *
 * @module
 */

import { listClientsOf, removeClient } from '../applications/operate-clients.ts';
import { settingWarnings } from '../clients/client-settings.ts';
import type { ClientKind, ListedClient } from '../storage/clients/client-list.ts';
import { findOrganizationBySlug } from '../storage/tree/organizations.ts';
import { actorOf } from './acting.ts';
import { type Command, CommandError, type Context, exitCodes, type Given } from './command.ts';

/** `list`: the clients of a kind. `noun` is the subject's first word, `plural` names the list. */
export function listCommand(kind: ClientKind, noun: string, plural: string): Command {
  return {
    summary: `list the ${plural.replaceAll('_', ' ')}, newest first`,
    words: [],
    byOperator: true,
    example: `${noun} list --json`,
    run: async (context, given) => {
      const listed = await listClientsOf(context.database, await actorOf(context, given), kind);
      if (listed.outcome !== 'listed') return listed;
      return { outcome: 'listed', [plural]: listed.clients.map((client) => rowOf(client, kind)) };
    },
  };
}

function rowOf(client: ListedClient, kind: ClientKind) {
  const { id, name, status, organization, createdAt, isDynamic } = client;
  const row = { client_id: id, name, status, organization };
  if (kind !== 'application') return { ...row, added_at: createdAt };
  const addedBy = isDynamic ? 'itself' : 'operator';
  return { ...row, added_by: addedBy, added_at: createdAt, warnings: settingWarnings(client) };
}

/** `remove`: one client, with its secrets and all tokens. */
export function removeCommand(kind: ClientKind, noun: string, exampleId: string): Command {
  return {
    summary: 'remove it, with its secrets, and every consent and token it has',
    words: ['CLIENT_ID'],
    byOperator: true,
    example: `${noun} remove ${exampleId}`,
    run: async (context, given) => {
      const [clientId = ''] = given.words;
      return removeClient(context.database, await actorOf(context, given), { clientId, kind });
    },
  };
}

/** The option that makes a client an organization's. */
export const organizationOption = {
  organization: { value: 'SLUG', help: 'the organization that it belongs to' },
} as const;

/** @returns the id of the organization named by `--organization`; undefined without the option. */
export async function ownerOf({ database }: Context, given: Given): Promise<string | undefined> {
  const slug = given.text('organization');
  if (slug === undefined) return undefined;
  const found = await findOrganizationBySlug(database, slug);
  if (found !== undefined) return found.id;
  throw new CommandError(`There is no organization ${slug}`, exitCodes.notFound);
}
