/**
 * Who looks after one application of an organization.
 *
 *   POST /organizations/:slug/applications/own/:client/managers/add   names a member
 *   POST /organizations/:slug/applications/own/:client/managers/drop  removes a manager
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { normalizeEmail } from '../../lib/email-address.ts';
import { parseId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { forbidden, RefusedError } from '../../organizations/refusals.ts';
import {
  dropManager,
  type ManagedApplicationIds,
  mostManagers,
  nameManager,
} from '../../portal/managers.ts';
import { listMembers } from '../../storage/people/members.ts';
import { emailFault } from '../page/email-fault.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { ownOf } from './own-pages.ts';
import {
  enterByForm,
  notThere,
  organizationPath,
  type PortalParts,
  page,
  personalPath,
} from './own-site.ts';
import { purposeOf, showOwn } from './own-view.ts';

/** The routes of managers. */
export function managersRoutes(parts: PortalParts): Router {
  const path = `${organizationPath(':slug')}/:client/managers`;
  return strictRouter()
    .post(
      `${path}/add`,
      page((ctx) => add(parts, ctx)),
    )
    .post(
      `${path}/drop`,
      page((ctx) => drop(parts, ctx)),
    );
}

async function add(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids, fields } = await readSent(parts, ctx);
  const client = await ownOf(parts, ctx, sending);
  if (!client.isWhole) throw forbidden('role'); // whoever may not, learns nobody's address
  const typed = fields.get('email') ?? '';
  const accountId = await memberOf(parts, ids, typed);
  const fault = accountId === undefined ? unknown : await name(sending.work, ids, accountId);
  const { path, organization } = sending.site;
  if (fault === undefined) return seeOther(ctx, `${path}/${client.id}?done=named`);
  ctx.status = 422;
  const values = { name: organization?.name ?? '', most: mostManagers };
  const t = parts.messagesOf(ctx);
  const text = emailFault(t, typed) ?? t.text(fault, values);
  await showOwn(parts, ctx, sending, client, { of: 'manager', text, typed });
}

const unknown = 'own-app.manager-unknown';

/** @returns why the account was not named, as the key of a text; undefined where it was. */
async function name(...args: Parameters<typeof nameManager>): Promise<string | undefined> {
  try {
    await nameManager(...args);
    return undefined;
  } catch (error) {
    const refusal = error instanceof RefusedError ? error.refusal : undefined;
    if (refusal?.code === 'forbidden' && refusal.reason === 'not_a_member') return unknown;
    if (refusal?.code === 'conflict') return 'own-app.managers-full';
    throw error;
  }
}

/** @returns the member's account. */
async function memberOf({ db }: PortalParts, { owner }: ManagedApplicationIds, typed: string) {
  const email = normalizeEmail(typed);
  if (email === undefined) return undefined;
  const part = { after: undefined, limit: 1 };
  const [found] = await listMembers(db, owner.organizationId, { email }, part);
  return found?.item.accountId;
}

async function drop(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids, fields } = await readSent(parts, ctx);
  const { account, site } = sending;
  const accountId = parseId('user', fields.get('account') ?? '');
  if (accountId === undefined) throw notThere();
  const client = await ownOf(parts, ctx, sending);
  await dropManager(sending.work, ids, accountId);
  const isGone = accountId === account.id && !client.isWhole;
  seeOther(ctx, isGone ? personalPath : `${site.path}/${ids.clientId}?done=dropped`);
}

async function readSent(parts: PortalParts, ctx: Koa.Context) {
  const fields = await readForm(ctx);
  const sending = await enterByForm(parts, ctx);
  const clientId = ctx['params'].client ?? '';
  const held = { purpose: purposeOf(clientId), accountId: sending.account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  const { owner } = sending.site;
  if (owner.organizationId === undefined) throw notThere();
  return { sending, fields, ids: { owner, clientId } };
}
