/**
 * Bringing an application that registered itself into an organization.
 *
 *   GET  /organizations/:slug/applications/own/adopt  asks for its id and its registration access token
 *   POST /organizations/:slug/applications/own/adopt  makes it the organization's; the token ends
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { adoptApplication } from '../../portal/adopt.ts';
import { listOwn, maxApplications } from '../../portal/own-applications.ts';
import { PageError } from '../page/page-error.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import {
  enter,
  enterByForm,
  notThere,
  organizationPath,
  type PortalParts,
  page,
  type Visit,
} from './own-site.ts';

/** The routes of adoption. */
export function adoptRoutes(parts: PortalParts): Router {
  const path = `${organizationPath(':slug')}/adopt`;
  return strictRouter()
    .get(
      path,
      page((ctx) => open(parts, ctx)),
    )
    .post(
      path,
      page((ctx) => send(parts, ctx)),
    );
}

const purpose = 'adopt-application';

/** What was typed, and why it was refused: the text, whole. The token is not shown again. */
interface Typed {
  readonly clientId: string;
  readonly refusal?: string;
}

async function open(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  const { isWhole } = await listOwn(parts.db, visit.site.owner);
  if (!isWhole) {
    throw new PageError(403, { what: 'own-apps.no-new', next: 'own-apps.no-new-next' });
  }
  show(parts, ctx, visit, { clientId: '' });
}

function show(parts: PortalParts, ctx: Koa.Context, { account, site }: Visit, typed: Typed): void {
  const t = parts.messagesOf(ctx);
  parts.renderPage(ctx, 'applications-own/adopt', {
    title: t.text('own-adopt.title'),
    account,
    isRefused: typed.refusal !== undefined,
    organization: site.organization,
    path: `${site.path}/adopt`,
    back: site.path,
    ...typed,
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
  });
}

const refusals = {
  unknown: { status: 422, text: 'own-adopt.unknown' },
  suspended: { status: 409, text: 'own-adopt.suspended' },
  shared: { status: 409, text: 'own-adopt.shared' },
  too_many: { status: 409, text: 'own-app-form.too-many-of' },
} as const;

async function send(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sending = await enterByForm(parts, ctx);
  const { account, site, work } = sending;
  parts.formTokens.check(ctx, { purpose, accountId: account.id }, fields.get('token'));
  const { owner } = site;
  if (owner.organizationId === undefined) throw notThere();
  const clientId = (fields.get('client_id') ?? '').trim();
  const token = (fields.get('registration_access_token') ?? '').trim();
  const result = await adoptApplication(work, { owner, clientId }, token);
  if (result.outcome === 'adopted') return seeOther(ctx, `${site.path}/${clientId}?done=adopted`);
  const { status, text } = refusals[result.outcome];
  ctx.status = status;
  const values = { count: maxApplications.organization };
  show(parts, ctx, sending, { clientId, refusal: parts.messagesOf(ctx).text(text, values) });
}
