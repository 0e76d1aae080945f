/**
 * How an application that somebody builds proves itself. Below, `.../own` is both addresses of own-site.ts.
 *
 *   POST .../own/:client/keys      by these keys, and its secrets end
 *   POST .../own/:client/keys/end  by secrets again: shows the first one, this once
 *
 * What was refused as a key set is not shown again: it may be a private key.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { proveByKeys, proveBySecrets } from '../../portal/own-keys.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { keyFaultText } from './own-keys-view.ts';
import { ownOf } from './own-pages.ts';
import {
  enterByForm,
  idsOf,
  notThere,
  ownPaths,
  type PortalParts,
  page,
  type Refusal,
  type Sending,
} from './own-site.ts';
import { purposeOf, showOwn, showSecret } from './own-view.ts';

/** Room for as many characters as a key set may have, escaped. */
const keysBytes = 64 * 1024;

/** The routes of keys. */
export function ownKeyRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .post(
        `${path}/:client/keys`,
        page((ctx) => useKeys(parts, ctx)),
      )
      .post(
        `${path}/:client/keys/end`,
        page((ctx) => useSecrets(parts, ctx)),
      );
  }
  return router;
}

async function useKeys(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields, id, version } = await readSent(parts, ctx);
  const typed = { jwks: fields.get('jwks') ?? '', jwksUri: fields.get('jwks_uri') ?? '' };
  const change = { version, typed, production: parts.isProduction };
  const result = await proveByKeys(sending.work, idsOf(sending.site, id), change);
  if (result.outcome === 'changed') return seeOther(ctx, `${sending.site.path}/${id}?done=keys`);
  if (result.outcome !== 'refused') {
    return showUnchanged(parts, ctx, sending, result.outcome, typed);
  }
  const { fault } = result;
  ctx.status = 422;
  const text = keyFaultText(parts.messagesOf(ctx), fault);
  const refusal = { of: fault.field, text, typed: '', typedUri: typed.jwksUri };
  await showOwn(parts, ctx, sending, await ownOf(parts, ctx, sending), refusal);
}

async function useSecrets(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, id, version } = await readSent(parts, ctx);
  const result = await proveBySecrets(sending.work, idsOf(sending.site, id), { version });
  if (result.outcome !== 'changed') return showUnchanged(parts, ctx, sending, result.outcome);
  const client = await ownOf(parts, ctx, sending);
  showSecret(parts, ctx, sending, { client, secret: result.secret });
}

/** @param typed a key set without fault. @throws {PageError} 404. */
async function showUnchanged(
  parts: PortalParts,
  ctx: Koa.Context,
  sending: Sending,
  outcome: 'unknown' | 'outdated' | 'keeps_nothing',
  typed = { jwks: '', jwksUri: '' },
): Promise<void> {
  if (outcome === 'unknown') throw notThere();
  ctx.status = 409;
  const key = outcome === 'outdated' ? 'own-app-keys.outdated' : 'own-app.secret-none';
  const text = parts.messagesOf(ctx).text(key);
  const refusal: Refusal = { of: 'proof', text, typed: typed.jwks, typedUri: typed.jwksUri };
  await showOwn(parts, ctx, sending, await ownOf(parts, ctx, sending), refusal);
}

/** @throws {PageError} 403. */
async function readSent(parts: PortalParts, ctx: Koa.Context) {
  await enterByForm(parts, ctx); // nobody else has a large form read
  const fields = await readForm(ctx, keysBytes);
  const sending = await enterByForm(parts, ctx);
  const id = ctx['params'].client ?? '';
  const held = { purpose: purposeOf(id), accountId: sending.account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  return { sending, fields, id, version: Number(fields.get('version')) };
}
