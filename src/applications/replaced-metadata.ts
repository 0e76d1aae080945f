/**
 * What follows when an application says something else about itself than before, wherever it says it: in
 * its registration or in its document.
 *
 * A redirect URI at another host ends all consents: people agreed to send codes to the hosts that they
 * saw. An operator's word for the application ends with what it was given for,
 * and the proof of the home page's domain when the page moves to another.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { homeHostOf } from '../clients/home-page.ts';
import { deleteConsentsOfClient } from '../storage/clients/client-consents.ts';
import { saveClient, unverifyClient } from '../storage/clients/clients.ts';
import { deleteProvedHost } from '../storage/clients/proved-hosts.ts';
import type { Db } from '../storage/engine/database.ts';
import type { RegisteredMetadata } from './metadata-mapping.ts';
import { leadsElsewhere } from './redirect-hosts.ts';

/** A client with its new metadata, and how many consents ended with the old. */
export interface Replaced {
  readonly client: Client;
  readonly endedConsents: number;
}

/** Replaces what a client says about itself. @param before the client, held by this transaction. */
export async function replaceMetadata(
  tx: Db,
  before: Client,
  registered: RegisteredMetadata,
): Promise<Replaced> {
  const isMoved = leadsElsewhere(before.redirectUris, registered.redirectUris);
  const endedConsents = isMoved ? await deleteConsentsOfClient(tx, before.id) : 0;
  const client = await saveClient(tx, { ...keptOf(before), ...registered });
  if (showsAnew(before, client)) await unverifyClient(tx, client.id);
  const hasLeft = homeHostOf(before.clientUri) !== homeHostOf(client.clientUri);
  if (hasLeft) await deleteProvedHost(tx, client.id);
  return { client, endedConsents };
}

/** Whether people would see another application than the one that an operator looked at. */
function showsAnew(before: Client, after: Client): boolean {
  const shown = (client: Client) =>
    JSON.stringify([
      client.name,
      client.claimedName,
      client.redirectUris,
      client.postLogoutRedirectUris,
      client.clientUri,
      client.logoUri,
      client.policyUri,
      client.tosUri,
    ]);
  return shown(before) !== shown(after);
}

/** What an application does not say itself. */
function keptOf(client: Client) {
  const { id, status, dynamic, resourceServer, requiresResource, ownerOrganizationId } = client;
  const owner = ownerOrganizationId === undefined ? {} : { ownerOrganizationId };
  return { id, status, dynamic, resourceServer, requiresResource, ...owner };
}
