/**
 * Grants: one authorization on one device, always under the live consent of its user and client.
 *
 * @module
 */

import { errors } from 'oidc-provider';
import { withEveryName } from '../catalogue/scope-set.ts';
import { parseId, printId } from '../lib/ids.ts';
import type { Db } from '../storage/engine/database.ts';
import { deleteGrant, findGrant, insertGrant, updateGrant } from '../storage/tokens/tokens.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';
import { saving } from './saved-records.ts';
import { currentRequest } from './token-request.ts';

/** A grant holds scopes by the names of its day; a renamed one is held by its new name, too. */
function renamedIn({ openid, resources, ...payload }: GrantPayload): GrantPayload {
  return {
    ...payload,
    ...(openid && { openid: { ...openid, scope: withEveryName(openid.scope ?? '') } }),
    ...(resources && {
      resources: Object.fromEntries(
        Object.entries(resources).map(([indicator, scope]) => [indicator, withEveryName(scope)]),
      ),
    }),
  };
}

/** What was granted without a resource is granted for each. */
function narrowed(payload: GrantPayload, indicator: string | undefined): GrantPayload {
  const scope = payload.openid?.scope;
  if (indicator === undefined || scope === undefined) return payload;
  return { ...payload, resources: { ...payload.resources, [indicator]: scope } };
}

interface GrantPayload {
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
}

/** The library's operations on grants; revoking one ends its whole family. */
export function grantAdapter(db: Db): PartialAdapter {
  return {
    async find(id) {
      const { redemption, narrowedTo } = currentRequest() ?? {};
      const { redeemed } = redemption ?? {};
      const isAtHand = redeemed?.token.grantId === id;
      const stored = isAtHand ? redeemed.grant : await findGrant(db, id);
      if (stored === undefined) return undefined;
      return {
        ...renamedIn(narrowed(stored.payload, narrowedTo?.audience)),
        jti: id,
        kind: 'Grant',
        accountId: printId('user', stored.accountId),
        clientId: stored.clientId,
        exp: localExpiry(stored.remainingSeconds),
      };
    },

    async upsert(id, payload, lifetimeSeconds = 1) {
      const { accountId = '', clientId = '' } = payload;
      const grant = {
        id,
        accountId: parseId('user', accountId) ?? '',
        clientId,
        payload: strip(payload, 'jti', 'exp', 'kind', 'accountId', 'clientId'),
        lifetimeSeconds,
      };
      const saved = await (saving().isStored ? updateGrant : insertGrant)(db, grant);
      if (!saved) throw new errors.AccessDenied('the consent was withdrawn');
    },

    async destroy(id) {
      if (currentRequest()?.repetition.kind !== 'duplicate') await deleteGrant(db, id);
    },
  };
}
