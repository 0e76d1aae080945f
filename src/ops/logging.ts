/**
 * Structured logs: one line a request, nothing secret in it.
 *
 * A line has the path without its query, since queries carry codes and states; bodies and headers
 * are never logged.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import { type Logger, pino } from 'pino';

/** Makes the process's logger; it writes JSON lines to standard output. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Names each request (`X-Request-Id` in the answer) and logs how it ended. */
export function requestLog(logger: Logger): Koa.Middleware {
  return async (ctx, next) => {
    const id = randomUUID();
    ctx.state['requestId'] = id;
    ctx.set('X-Request-Id', id);
    const begun = performance.now();
    ctx.res.once('close', () => {
      const { method, path } = ctx;
      const milliseconds = Math.round((performance.now() - begun) * 10) / 10;
      const status = ctx.res.writableFinished ? ctx.res.statusCode : 499;
      logger.info({ id, method, path: withoutUid(path), status, milliseconds }, 'request');
    });
    await next();
  };
}

/** An interaction's address holds its cookie's value, and an invitation's the key to it. */
function withoutUid(path: string): string {
  return path.replace(/^(\/interaction|\/invitations|\/oauth\/authorize)\/[^/]+/, '$1/:uid');
}
