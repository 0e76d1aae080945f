/**
 * An application that registered itself comes into the hands of an organization, with the proof that it is
 * theirs: its registration access token (RFC 7592), which then ends. From then on it is as one that the
 * organization registered; it can ask for what it registered and for what people allow it already.
 *
 * @module
 */

import { printMetadata } from '../applications/metadata-mapping.ts';
import { holdManagedClient } from '../applications/registration-credentials.ts';
import { formatScope, intersect, parseScopeSet, union } from '../catalogue/scope-set.ts';
import type { Client } from '../clients/client.ts';
import {
  adoptClient,
  consentedScopes,
  countOwnClients,
  findOwnClient,
  type OwnClient,
} from '../storage/clients/own-clients.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import type { ManagedApplicationIds } from './managers.ts';
import { maxApplications } from './own-applications.ts';
import { changeOwned, idOf } from './owner.ts';

export type AdoptOutcome =
  | { readonly outcome: 'adopted'; readonly client: OwnClient }
  /**
   * `unknown`: no such application, or another's token. `suspended`: by an operator. `shared`: others who
   * registered the same use it, too. `too_many`: the
   * organization has as many as it may.
   */
  | { readonly outcome: 'unknown' | 'suspended' | 'shared' | 'too_many' };

/**
 * Adopts an application; its consents, secrets and tokens stay.
 *
 * @throws {RefusedError} `forbidden`, `not_found`: the actor may not, in that organization.
 */
export function adoptApplication(
  work: Work,
  ids: ManagedApplicationIds,
  token: string,
): Promise<AdoptOutcome> {
  const { owner, clientId } = ids;
  return changeOwned<AdoptOutcome>(work, ids, 'application.adopted', async (tx) => {
    const found = await holdManagedClient(tx, { clientId, token });
    if (found.outcome !== 'managed') return { result: found };
    if ((await countOwnClients(tx, idOf(owner))) >= maxApplications.organization) {
      return { result: { outcome: 'too_many' } };
    }
    const { client: before } = found;
    const scope = await scopeAfter(tx, before);
    await adoptClient(tx, clientId, { organizationId: owner.organizationId, scope });
    const client = await findOwnClient(tx, idOf(owner), clientId);
    if (client === undefined) throw new Error('an adopted application is its new owner’s');
    return {
      result: { outcome: 'adopted', client },
      before: { ...printMetadata(before), is_dynamic: true },
      after: { ...printMetadata(client), is_dynamic: false },
    };
  });
}

/** What it registered bound nothing until now; what people allowed it goes on working. */
async function scopeAfter(tx: Db, client: Client): Promise<string> {
  const allowed = parseScopeSet(await consentedScopes(tx, client.id));
  const usable = intersect(allowed, parseScopeSet(client.scopeBound));
  return withOpenid(client.scope, formatScope(union(parseScopeSet(client.scope), usable)));
}

/** The scopes of OpenID are in no set of the catalogue. */
function withOpenid(registered: string, scope: string): string {
  const openid = registered.split(' ').filter((one) => !one.includes(':'));
  return [...openid, scope].filter((one) => one !== '').join(' ');
}
