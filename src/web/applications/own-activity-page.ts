/**
 * What happened to an application, for who looks after it. Below, `.../own` is both addresses of own-site.ts.
 *
 *   GET .../own/:client/activity
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { type Day, summarizeFlow } from '../../portal/flow-summary.ts';
import { wordsOfFault } from '../public/fault-words.ts';
import { ownOf } from './own-pages.ts';
import { kindText, problemTexts } from './own-problems.ts';
import { enter, ownPaths, type PortalParts, page } from './own-site.ts';

/** The routes of activity. */
export function ownActivityRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router.get(
      `${path}/:client/activity`,
      page((ctx) => openActivity(parts, ctx)),
    );
  }
  return router;
}

async function openActivity(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  const { account, site } = visit;
  const client = await ownOf(parts, ctx, visit);
  await parts.record.flush(); // who just tried it looks for it here
  const t = parts.messagesOf(ctx);
  const { problems, flows, days } = await summarizeFlow(parts.db, client.id);
  parts.renderPage(ctx, 'applications-own/activity', {
    title: t.text('own-app-activity.title', { name: client.name }),
    account,
    isWide: true,
    client,
    path: `${site.path}/${client.id}`,
    problems: problems.map((problem) => problemTexts(t, problem)),
    flows: flows.map((steps) => ({
      at: steps.at(-1)?.at.toISOString() ?? '',
      steps: steps.map(({ kind }) => kindText(t, kind)),
      reasons: [...new Set(steps.map(({ reason }) => reason))]
        .filter((reason) => reason !== '')
        .map((reason) => ({ reason, why: t.text(wordsOfFault(reason).title) })),
    })),
    days: days.map(dayCells),
  });
}

const failures = [
  'ask_refused',
  'not_consented',
  'exchange_refused',
  'refresh_refused',
  'client_refused',
];

function dayCells({ day, counts }: Day) {
  const of = (kind: string) => counts.get(kind) ?? 0;
  return {
    day: `${day}T00:00:00.000Z`,
    counts: [
      of('asked'),
      of('code_issued'),
      of('exchanged'),
      of('refreshed'),
      failures.reduce((sum, kind) => sum + of(kind), 0),
      of('token_checked'),
      of('token_denied'),
    ],
  };
}
