/**
 * Under which grant a request goes on: a new one each time, under the user's one consent.
 *
 * So one device can be signed out alone, while withdrawing the consent ends all. The grant is made
 * only when nothing is left to ask, and holds the asked scopes that the user consented to anywhere.
 *
 * @module
 */

import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { consentedScope, issuedScope } from '../consent/consented-scope.ts';
import { isPageNeeded } from '../consent/needed.ts';
import { parseId } from '../lib/ids.ts';
import type { Db } from '../storage/engine/database.ts';

/** What was found for a request, until the checks of the consent prompt are asked. */
const neededFor = new WeakMap<KoaContextWithOIDC, boolean>();

/** Whether the page has to be shown, as `existingGrant` found a moment before. */
export function isConsentNeeded(ctx: KoaContextWithOIDC): boolean {
  return neededFor.get(ctx) ?? true;
}

/** @returns the library's `loadExistingGrant`. */
export function existingGrant(db: Db) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, params, result } = ctx.oidc;
    const accountId = parseId('user', account?.accountId ?? '');
    if (accountId === undefined || client === undefined) return undefined;

    const asked = String(params?.['scope'] ?? '');
    const consented = await consentedScope(db, { accountId, clientId: client.clientId });
    const clientIsPublic = client.clientAuthMethod === 'none';
    const isAnswered = result?.consent !== undefined;
    const isNeeded = !isAnswered && isPageNeeded({ asked, consented, clientIsPublic });
    neededFor.set(ctx, isNeeded);
    const prompts = ['login', 'select_account', 'consent'];
    const isPending = prompts.some((prompt) => ctx.oidc.promptPending(prompt));
    if (isNeeded || isPending || consented === undefined) return undefined;

    return makeGrant(ctx, issuedScope(asked, consented));
  };
}

async function makeGrant(ctx: KoaContextWithOIDC, scope: string): Promise<Grant> {
  const { provider, account, client, resourceServers = {} } = ctx.oidc;
  const grant = new provider.Grant({
    accountId: account?.accountId ?? '',
    clientId: client?.clientId ?? '',
  });
  grant.addOIDCScope(scope);
  for (const indicator of Object.keys(resourceServers)) grant.addResourceScope(indicator, scope);
  await grant.save();
  return grant;
}
