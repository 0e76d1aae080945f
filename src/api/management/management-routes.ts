/**
 * The management API.
 *
 *   request -> ids -> who calls? -> query and body by schema -> conditions -> use case -> answer
 *
 * Who calls is asked twice: before a body is read, and in each transaction of the use case.
 *
 * Every failure is a problem (RFC 9457), also that of an address or a method that is not there.
 *
 * @module
 */

import { Readable } from 'node:stream';
import type Router from '@koa/router';
import type Koa from 'koa';
import type { FindTexts } from '../../fetching/text-records.ts';
import { deriveKey } from '../../lib/key-wrapping.ts';
import { allowLongBody } from '../../lib/long-bodies.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { Database } from '../../storage/engine/database.ts';
import { guardedWork } from '../../storage/engine/work.ts';
import { basePath } from './base-path.ts';
import { allowPages } from './browser-access.ts';
import type { Call, File, Incoming } from './call.ts';
import { type CallerParts, identify, recordRefusal } from './caller.ts';
import { idempotencyKey, runUnderConditions } from './conditions.ts';
import { entityTag } from './entity-tags.ts';
import { readPath } from './path-parameters.ts';
import {
  cannotCompare,
  isUnchanged,
  readPreconditions,
  requireForDeletion,
} from './preconditions.ts';
import { answerProblem, ProblemError } from './problems.ts';
import { readBody, readQuery } from './read-request.ts';
import { resolvePath } from './resolve-path.ts';
import { isLook, type Route } from './route.ts';
import { routes } from './routes.ts';

/** What the API needs. */
export interface ManagementParts extends CallerParts {
  readonly database: Database;
  /** 32 bytes that all nodes share. */
  readonly key: Buffer;
  /** The platform's own sign-in page, if sign-in is handed to it. */
  readonly signInUrl: string | undefined;
  readonly production: boolean;
  /** Asks the name servers. */
  readonly findTexts: FindTexts;
  /** Writes a failure of ours to the log. */
  readonly report: (ctx: Koa.Context, error: unknown) => unknown;
}

/** Mounts every route. */
export function managementRoutes(parts: ManagementParts): Router {
  const cursorKey = deriveKey(parts.key, 'usher management API cursors', 32);
  const router = strictRouter();
  router.use(allowPages, (ctx, next) => answerFailures(ctx, next, parts));
  for (const route of routes) {
    const { method, path } = addressOf(route);
    router.register(path, [method], (ctx: Koa.Context & { params: Record<string, string> }) =>
      answer(ctx, route, parts, cursorKey),
    );
  }
  router.all([basePath, `${basePath}/`, `${basePath}/{*rest}`], nothingHere);
  return router;
}

/** The method and, as the router takes it, the path of a row. */
function addressOf({ address }: Pick<Route, 'address'>): { method: string; path: string } {
  const [method = '', path = ''] = address.split(' ');
  return { method, path: basePath + path.replaceAll(/\{(\w+)\}/g, ':$1') };
}

async function answerFailures(
  ctx: Koa.Context,
  next: Koa.Next,
  { issuer, report }: ManagementParts,
): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  try {
    await next();
  } catch (error) {
    if (answerProblem(ctx, error, issuer)) report(ctx, error);
  }
}

async function answer(
  ctx: Koa.Context & { params: Record<string, string> },
  route: Route,
  parts: ManagementParts,
  cursorKey: Buffer,
): Promise<void> {
  const path = readPath(route.address, ctx.params);
  const at = await resolvePath(parts.database, path);
  const { stillMay, ...caller } = await identify(parts, ctx, route, at);
  const conditions = readPreconditions(ctx);
  requireForDeletion(route, path, conditions);
  const query = readQuery(route.query, ctx);
  const received = await receiveBody(ctx, route, parts);
  const { database: db, issuer, production, signInUrl, findTexts } = parts;
  const work = isLook(route) ? db : guardedWork(db, stillMay);
  const call: Call = {
    db,
    work,
    at,
    query,
    ...received,
    cursorKey,
    issuer,
    production,
    signInUrl,
    findTexts,
    ...caller,
  };
  if (route.file !== undefined) {
    const file = (await route.run(call)) as File;
    if (conditions !== undefined) throw cannotCompare();
    return sendFile(ctx, file);
  }
  const { text, isReplay } = await runUnderConditions(ctx, route, call).catch(async (error) => {
    if (isRefusedUse(error)) await recordRefusal(parts.database, caller.actor, route, at, error);
    throw error;
  });
  ctx.status = route.status ?? 200;
  if (isReplay) ctx.set('Idempotency-Replayed', 'true');
  if (route.status === 204 || text === undefined) return;
  const tag = entityTag(text.replace(cursorOf, ''));
  const isKnown = isLook(route) && conditions !== undefined && isUnchanged(conditions, tag);
  ctx.set('ETag', tag);
  if (isKnown) {
    ctx.status = 304;
    return;
  }
  ctx.type = 'application/json';
  ctx.body = text;
}

/** A row with `line` reads its body as it comes; every other has it whole. */
async function receiveBody(
  ctx: Koa.Context,
  route: Route,
  parts: ManagementParts,
): Promise<Pick<Call, 'body' | 'incoming'>> {
  if (route.line) return { body: undefined, incoming: incoming(ctx, parts) };
  return { body: await readBody(route, ctx), incoming: undefined };
}

/** The same position has another cursor each time, since they are sealed. */
const cursorOf = /,"next_cursor":"[^"]*"(?=\}$)/;

/** Scopes that were there when the caller was let in, and are not when it comes to the work. */
function isRefusedUse(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.problem === 'insufficient-scope';
}

const patienceMilliseconds = 60_000;

/** Whoever sends nothing for a minute, and takes nothing, is gone. */
function incoming(ctx: Koa.Context, { report }: ManagementParts): Incoming {
  if (!ctx.is('application/x-ndjson', 'application/jsonl') || ctx.get('Content-Encoding') !== '') {
    throw new ProblemError('unsupported-media-type', { detail: 'Send application/x-ndjson.' });
  }
  allowLongBody(ctx.req);
  ctx.req.setTimeout(patienceMilliseconds, () => ctx.req.destroy());
  const chunks = ctx.req.iterator({ destroyOnReturn: false });
  return { chunks, key: idempotencyKey(ctx), report: (error) => report(ctx, error) };
}

function sendFile(ctx: Koa.Context, { type, name, lines }: File): void {
  ctx.set('Content-Type', type);
  if (name !== undefined) ctx.set('Content-Disposition', `attachment; filename="${name}"`);
  ctx.body = Readable.from(lines);
}

/** The path alone shows whether only the method is wrong; whose ids are in it does not matter. */
function nothingHere(ctx: Koa.Context): void {
  const allowed = routes
    .filter((route) => patternOf(route).test(ctx.path))
    .map((route) => addressOf(route).method);
  if (allowed.length === 0) throw new ProblemError('not-found');
  const methods = allowed.includes('GET') ? ['HEAD', ...allowed] : allowed;
  throw new ProblemError('method-not-allowed', { headers: { Allow: methods.join(', ') } });
}

function patternOf({ address }: Route): RegExp {
  const [, path = ''] = address.split(' ');
  return new RegExp(`^${basePath}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
