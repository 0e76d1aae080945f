/**
 * Under which grant a request goes on: a new one each time, under the user's one consent.
 *
 * So one device can be signed out alone, while withdrawing the consent ends all. The grant is made
 * only when nothing is left to ask, and holds the asked scopes that the user consented to anywhere; or,
 * for a resource server whose address names a resource, anywhere in that resource.
 *
 * @module
 */

import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { emptySet, parseScopeSet, type ScopeSet } from '../catalogue/scope-set.ts';
import { type Confines, confinedTo, findConfines } from '../consent/confines.ts';
import { consentedScope, issuedScope } from '../consent/consented-scope.ts';
import { isPageNeeded } from '../consent/needed.ts';
import { requiredScopes } from '../consent/required.ts';
import { parseId } from '../lib/ids.ts';
import { findApplication } from '../storage/clients/client-list.ts';
import type { Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { findResource } from './resource-parameter.ts';

/** What was found for a request, until the checks of the consent prompt are asked. */
const neededFor = new WeakMap<KoaContextWithOIDC, boolean>();

/** Whether the page has to be shown, as `existingGrant` found a moment before. */
export function isConsentNeeded(ctx: KoaContextWithOIDC): boolean {
  return neededFor.get(ctx) ?? true;
}

/** The id of the resource that a request's code is for. */
const confinedFor = new WeakMap<KoaContextWithOIDC, string>();

/** @returns the id of the resource that a code is confined to; undefined where it is not. */
export function requestConfinedTo(ctx: KoaContextWithOIDC): string | undefined {
  return confinedFor.get(ctx);
}

/** @returns the library's `loadExistingGrant`. */
export function existingGrant(db: Db, issuer: string) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, params, result } = ctx.oidc;
    const accountId = parseId('user', account?.accountId ?? '');
    if (accountId === undefined || client === undefined) return undefined;

    const asked = String(params?.['scope'] ?? '');
    const confines = await confinesOf(db, issuer, ctx, accountId);
    const pair = { accountId, clientId: client.clientId };
    const consented = await consentedScope(db, pair, confines && confinedTo(confines));
    const clientIsPublic = client.clientAuthMethod === 'none';
    const isAnswered = result?.consent !== undefined;
    const isNowhere = confines !== undefined && confines.resource === undefined;
    const required = await requiredIn(db, pair, asked);
    const isNeeded =
      isNowhere || (!isAnswered && isPageNeeded({ asked, consented, clientIsPublic, required }));
    neededFor.set(ctx, isNeeded);
    const prompts = ['login', 'select_account', 'consent'];
    const isPending = prompts.some((prompt) => ctx.oidc.promptPending(prompt));
    if (isNeeded || isPending || consented === undefined) return undefined;

    if (confines !== undefined) confinedFor.set(ctx, confinedTo(confines));
    return makeGrant(ctx, issuedScope(asked, consented));
  };
}

async function requiredIn(db: Db, { accountId, clientId }: Pair, asked: string): Promise<ScopeSet> {
  const application = await findApplication(db, clientId, accountId);
  return application ? requiredScopes(application, parseScopeSet(asked)) : emptySet;
}

/** @returns undefined where the request asks for no resource server, or for one whose address names no resource. */
async function confinesOf(
  db: Db,
  issuer: string,
  { oidc: { params } }: KoaContextWithOIDC,
  accountId: string,
): Promise<Confines | undefined> {
  const resource = params?.['resource'];
  if (typeof resource !== 'string') return undefined;
  const found = await findResource(db, issuer, resource);
  return found?.addressed && findConfines(db, accountId, found.addressed);
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
