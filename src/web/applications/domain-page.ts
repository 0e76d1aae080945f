/**
 * The proof of the domain of an application's home page. Below, `.../own` is both addresses of own-site.ts.
 *
 *   POST .../own/:client/domain  looks the record up
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import type { FindTexts } from '../../fetching/text-records.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { type ProofOutcome, proveDomain } from '../../portal/domain-proof.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { ownOf } from './own-pages.ts';
import { enterByForm, idsOf, notThere, ownPaths, type PortalParts, page } from './own-site.ts';
import { purposeOf, showOwn } from './own-view.ts';

/** What the page is made with. */
export type DomainParts = PortalParts & { readonly findTexts: FindTexts };

/** The routes of the proof. */
export function domainRoutes(parts: DomainParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router.post(
      `${path}/:client/domain`,
      page((ctx) => check(parts, ctx)),
    );
  }
  return router;
}

type Failed = Exclude<ProofOutcome['outcome'], 'proved' | 'unknown'>;
const failures: Readonly<Record<Failed, { readonly status: number; readonly text: string }>> = {
  not_found: { status: 422, text: 'own-app-domain.not-found' },
  no_answer: { status: 503, text: 'own-app-domain.no-answer' },
  too_often: { status: 429, text: 'own-app-domain.too-often' },
  no_home_page: { status: 409, text: 'own-app-domain.moved' },
};

async function check(parts: DomainParts, ctx: Koa.Context): Promise<void> {
  const id = ctx['params'].client ?? '';
  const fields = await readForm(ctx);
  const sending = await enterByForm(parts, ctx);
  const { account, site, work } = sending;
  const held = { purpose: purposeOf(id), accountId: account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  const result = await proveDomain(parts, work, idsOf(site, id));
  if (result.outcome === 'unknown') throw notThere();
  if (result.outcome === 'proved') return seeOther(ctx, `${site.path}/${id}?done=proved#domain`);
  const client = await ownOf(parts, ctx, sending);
  const { status, text: key } = failures[result.outcome];
  const found = result.outcome === 'not_found' ? result.found : [];
  const text = parts.messagesOf(ctx).text(key, { count: found.length });
  ctx.status = status;
  await showOwn(parts, ctx, sending, client, { of: 'domain', text, typed: '', found });
}
