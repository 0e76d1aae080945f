/**
 * `/healthz` tells that the process runs, `/readyz` that it can serve: the database answers.
 *
 * @module
 */

import Router from '@koa/router';
import { type Database, statement } from '../storage/database.ts';

/** Whether the process still takes new work; set to false when it is told to stop. */
export interface Readiness {
  isTaking: boolean;
}

const ping = statement('select 1 as ok');

/** The two routes. */
export function healthRoutes(database: Database, readiness: Readiness): Router {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const isReady = readiness.isTaking && (await answers(database));
    ctx.status = isReady ? 200 : 503;
    ctx.body = { status: isReady ? 'ready' : 'not ready' };
  });
  return router;
}

async function answers(database: Database): Promise<boolean> {
  try {
    return (await database.query(ping)).length === 1;
  } catch {
    return false;
  }
}
