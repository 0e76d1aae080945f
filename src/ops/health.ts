/**
 * `/healthz` says that the process runs, `/readyz` that it can serve.
 *
 * Ready is a node whose questions are answered and whose writes are not refused. The question goes
 * the way of all others, through the lanes of introspection: a check with a connection of its own
 * would say "ready" while they are stuck. A standby that is away makes no node unready: writes are
 * then 503 on every node, and answers go on.
 *
 * @module
 */

import type Router from '@koa/router';
import { catalogue } from '../catalogue/catalogue.ts';
import { strictRouter } from '../lib/strict-router.ts';
import type { Database } from '../storage/engine/database.ts';

/** Whether the process still takes new work; set to false when it is asked to stop. */
export interface Readiness {
  isTaking: boolean;
}

/** What readiness depends on. */
export interface HealthParts {
  readonly readiness: Readiness;
  readonly database: Pick<Database, 'isReadOnly'>;
  /** Asks a question by the way that questions go; rejects when it is not answered. */
  readonly askThroughLanes: () => Promise<unknown>;
}

/** The two routes. */
export function healthRoutes(parts: HealthParts): Router {
  const router = strictRouter();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const reason = await withinPatience(reasonNotReady(parts));
    ctx.status = reason === undefined ? 200 : 503;
    if (reason !== undefined) ctx.set('Retry-After', '2');
    ctx.body =
      reason === undefined
        ? { status: 'ready', catalogue: catalogue.digest }
        : { status: 'not ready', reason, catalogue: catalogue.digest };
  });
  return router;
}

type Reason = 'stopping' | 'no_answer_from_database' | 'database_is_read_only';

async function reasonNotReady(parts: HealthParts): Promise<Reason | undefined> {
  const { readiness, database, askThroughLanes } = parts;
  if (!readiness.isTaking) return 'stopping';
  try {
    const [isReadOnly] = await Promise.all([database.isReadOnly(), askThroughLanes()]);
    return isReadOnly ? 'database_is_read_only' : undefined;
  } catch {
    return 'no_answer_from_database';
  }
}

/** A load balancer's own patience is a few seconds; it gets its answer within them. */
const patienceMilliseconds = 2_000;

async function withinPatience(check: Promise<Reason | undefined>): Promise<Reason | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Reason>((resolve) => {
    timer = setTimeout(resolve, patienceMilliseconds, 'no_answer_from_database');
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
  }
}
