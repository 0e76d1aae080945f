/**
 * The secrets of an application that somebody builds. Below, `.../own` is both addresses of own-site.ts.
 *
 *   POST .../own/:client/secrets/add  adds one, and shows it this once
 *   POST .../own/:client/secrets/end  ends one
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { findOwn } from '../../portal/own-applications.ts';
import { addOwnSecret, endOwnSecret, secretDays } from '../../portal/own-secrets.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { enterByForm, idsOf, notThere, ownPaths, type PortalParts, page } from './own-site.ts';
import { addPurpose, purposeOf, showOwn, showSecret } from './own-view.ts';

/** The routes of secrets. */
export function ownSecretRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .post(
        `${path}/:client/secrets/add`,
        page((ctx) => add(parts, ctx)),
      )
      .post(
        `${path}/:client/secrets/end`,
        page((ctx) => end(parts, ctx)),
      );
  }
  return router;
}

const refusals = {
  too_many: { status: 409, text: 'own-app.secret-too-many' },
  no_secrets: { status: 409, text: 'own-app.secret-none' },
  bad_name: { status: 422, text: 'own-app.secret-bad-name' },
} as const;

async function add(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sending = await enterByForm(parts, ctx);
  const { account, site, work } = sending;
  const clientId = ctx['params'].client ?? '';
  const secretId = fields.get('secret_id') ?? '';
  const held = { purpose: addPurpose(clientId, secretId), accountId: account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  const name = fields.get('name') ?? '';
  const days = secretDays.find((some) => String(some) === fields.get('days'));
  const ids = idsOf(site, clientId);
  const result = await addOwnSecret(work, ids, { secretId, name, days });
  const client = await findOwn(parts.db, ids);
  if (result.outcome === 'unknown' || client === undefined) throw notThere();
  if (result.outcome === 'added') {
    return showSecret(parts, ctx, sending, { client, secret: result.secret });
  }
  if (result.outcome === 'again') return seeOther(ctx, `${site.path}/${clientId}`);
  const { status, text: key } = refusals[result.outcome];
  ctx.status = status;
  const text = parts.messagesOf(ctx).text(key);
  await showOwn(parts, ctx, sending, client, { of: 'secret', text, typed: name });
}

async function end(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { account, site, work } = await enterByForm(parts, ctx);
  const clientId = ctx['params'].client ?? '';
  const held = { purpose: purposeOf(clientId), accountId: account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  await endOwnSecret(work, idsOf(site, clientId), fields.get('secret') ?? '');
  seeOther(ctx, `${site.path}/${clientId}?done=ended`); // gone already is gone as well
}
