/**
 * The demo's addresses: an application, a database platform, and buttons that change roles.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../lib/strict-router.ts';
import { ResourceServerError } from '../resource-server/resource-server.ts';
import { PageError } from '../web/page/page-error.ts';
import { ask, comeBack, showStart } from './ask-page.ts';
import { createDemoParts, type DemoSettings } from './demo-parts.ts';
import { showParts } from './parts-page.ts';
import { platformRoutes } from './platform.ts';
import { changeRole, refresh, revoke, showPlayground, tryAction } from './playground-page.ts';
import { refusalOf } from './usher-by-http.ts';

/** The routes of `/demo`, for demo mode only: its secrets are printed in the documentation. */
export function demoRoutes(settings: DemoSettings): Router {
  const parts = createDemoParts(settings);
  const router = strictRouter()
    .use(answerRefusals)
    .get('/demo', (ctx) => showStart(parts, ctx))
    .post('/demo/ask', (ctx) => ask(parts, ctx))
    .get('/demo/callback', (ctx) => comeBack(parts, ctx))
    .get('/demo/parts', (ctx) => showParts(parts, ctx))
    .get('/demo/playground', (ctx) => showPlayground(parts, ctx))
    .post('/demo/try', (ctx) => tryAction(parts, ctx))
    .post('/demo/refresh', (ctx) => refresh(parts, ctx))
    .post('/demo/revoke', (ctx) => revoke(parts, ctx))
    .post('/demo/role', (ctx) => changeRole(parts, ctx));
  return router.use(platformRoutes(parts.resourceServer).routes());
}

/** What Usher refuses where the demo has no page of its own for it: Usher being busy, say. */
const answerRefusals: Koa.Middleware = async (_ctx, next) => {
  try {
    await next();
  } catch (error) {
    const why = error instanceof ResourceServerError ? error.code : refusalOf(error)?.error;
    if (why === undefined) throw error;
    throw new PageError(503, {
      what: 'error.demo-refused',
      next: 'error.demo-refused-next',
      values: { reason: why },
    });
  }
};
