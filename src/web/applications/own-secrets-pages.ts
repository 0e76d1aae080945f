/**
 * The secrets of a person's own application.
 *
 *   POST /account/applications/own/:client/secrets/add  adds one, and shows it this once
 *   POST /account/applications/own/:client/secrets/end  ends one
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { findOwn } from '../../portal/own-applications.ts';
import { addOwnSecret, endOwnSecret, secretDays } from '../../portal/own-secrets.ts';
import { PageError } from '../page/page-error.ts';
import { accountOfForm, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { addPurpose, ownPath, type PortalParts, showOwn, showSecret } from './own-view.ts';

/** The routes of secrets. */
export function ownSecretRoutes(parts: PortalParts): Router {
  return strictRouter()
    .post(`${ownPath}/:client/secrets/add`, (ctx) => add(parts, ctx))
    .post(`${ownPath}/:client/secrets/end`, (ctx) => end(parts, ctx));
}

const refusals = {
  too_many: { status: 409, text: 'own-app.secret-too-many' },
  no_secrets: { status: 409, text: 'own-app.secret-none' },
  bad_name: { status: 422, text: 'own-app.secret-bad-name' },
} as const;

async function add(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  const clientId = ctx['params'].client ?? '';
  const secretId = fields.get('secret_id') ?? '';
  const { id: accountId } = sender.account;
  const purpose = addPurpose(clientId, secretId);
  parts.formTokens.check(ctx, { purpose, accountId }, fields.get('token'));
  const name = fields.get('name') ?? '';
  const days = secretDays.find((some) => String(some) === fields.get('days'));
  const owner = { accountId, origin: parts.originOf(ctx) };
  const result = await addOwnSecret(sender.db, owner, {
    clientId,
    secretId,
    name,
    days,
  });
  const client = await findOwn(parts.db, accountId, clientId);
  if (result.outcome === 'unknown' || client === undefined) {
    throw new PageError(404, {
      what: 'own-apps.unknown',
      next: 'own-apps.unknown-next',
    });
  }
  if (result.outcome === 'added') {
    return showSecret(parts, ctx, sender, { client, secret: result.secret });
  }
  if (result.outcome === 'again') return seeOther(ctx, `${ownPath}/${clientId}`);
  const { status, text } = refusals[result.outcome];
  ctx.status = status;
  await showOwn(parts, ctx, sender, client, { text, typed: name });
}

async function end(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  const clientId = ctx['params'].client ?? '';
  const { id: accountId } = sender.account;
  const purpose = `own-application:${clientId}`;
  parts.formTokens.check(ctx, { purpose, accountId }, fields.get('token'));
  const owner = { accountId, origin: parts.originOf(ctx) };
  await endOwnSecret(sender.db, owner, {
    clientId,
    secretId: fields.get('secret') ?? '',
  });
  seeOther(ctx, `${ownPath}/${clientId}?done=ended`); // gone already is gone as well
}
