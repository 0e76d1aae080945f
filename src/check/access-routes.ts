/**
 * The decisions API for resource servers.
 *
 *   POST /access/v1/evaluation      one decision
 *   POST /access/v1/evaluations     up to 1,000, from one statement
 *   POST /access/v1/introspections  the answers of introspection for up to 1,000 tokens
 *   GET  /.well-known/authzen-configuration
 *
 * Callers are resource servers and authenticate by HTTP Basic, as at the introspection endpoint.
 *
 * Source: AuthZEN Authorization API 1.0.
 *
 * @module
 */

import Router from '@koa/router';
import type Koa from 'koa';
import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { introspect } from '../introspection/introspect.ts';
import { readJson } from '../lib/read-json.ts';
import type { Database } from '../storage/database.ts';
import { authenticate } from './authenticate.ts';
import { type Decision, evaluate } from './evaluate.ts';
import {
  MalformedRequestError,
  maxEvaluations,
  readEvaluation,
  readEvaluations,
  type Semantics,
} from './evaluation-request.ts';

/** What the routes need. */
export interface AccessParts {
  readonly database: Database;
  readonly issuer: string;
}

/** Mounts the decisions API. */
export function accessRoutes(parts: AccessParts): Router {
  const { database, issuer } = parts;
  const router = new Router();
  router.get('/.well-known/authzen-configuration', (ctx) => {
    ctx.body = {
      policy_decision_point: issuer,
      access_evaluation_endpoint: `${issuer}/access/v1/evaluation`,
      access_evaluations_endpoint: `${issuer}/access/v1/evaluations`,
    };
  });
  router.post('/access/v1/evaluation', (ctx) =>
    answer(ctx, parts, async (asker, body) => {
      const [decision] = await evaluate(database, asker, [readEvaluation(body)]);
      return decision;
    }),
  );
  router.post('/access/v1/evaluations', (ctx) =>
    answer(ctx, parts, async (asker, body) => {
      const { evaluations, semantics } = readEvaluations(body);
      const decisions = await evaluate(database, asker, evaluations);
      return { evaluations: upTo(decisions, semantics) };
    }),
  );
  router.post('/access/v1/introspections', (ctx) =>
    answer(ctx, parts, async (asker, body) => {
      const questions = readQuestions(body).map((question) => ({ ...question, asker: asker.id }));
      return { answers: await introspect(database, questions, issuer) };
    }),
  );
  return router;
}

async function answer(
  ctx: Koa.Context,
  { database, issuer }: AccessParts,
  work: (asker: Client, body: unknown) => Promise<unknown>,
): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const requestId = ctx.get('X-Request-ID');
  if (requestId !== '') ctx.set('X-Request-ID', requestId);
  try {
    const read = await readJson(ctx, maxBytes);
    if (read.outcome === 'refused') return refuse(ctx, read.status, read.reason);
    const asker = await authenticate(database, ctx.get('Authorization'));
    if (asker === undefined) {
      ctx.set('WWW-Authenticate', `Basic realm="${issuer}"`);
      ctx.status = 401;
      ctx.body = { error: 'invalid_client', error_description: 'client authentication failed' };
      return;
    }
    ctx.body = await work(asker, read.input);
  } catch (error) {
    if (!(error instanceof MalformedRequestError)) throw error;
    refuse(ctx, 400, error.message);
  }
}

/** Enough for 1,000 questions with ids. */
const maxBytes = 1024 * 1024;

function refuse(ctx: Koa.Context, status: number, description: string): void {
  ctx.status = status;
  ctx.body = { error: 'invalid_request', error_description: description };
}

/** AuthZEN section 7.1.2.1: a short-circuit leaves out what comes after the decisive answer. */
function upTo(decisions: readonly Decision[], semantics: Semantics): readonly Decision[] {
  if (semantics === 'execute_all') return decisions;
  const decisive = semantics === 'permit_on_first_permit';
  const at = decisions.findIndex(({ decision }) => decision === decisive);
  return at < 0 ? decisions : decisions.slice(0, at + 1);
}

const questions = z.object({
  questions: z
    .array(z.object({ token: z.string().min(1), resource: z.string().min(1).optional() }))
    .max(maxEvaluations),
});

function readQuestions(body: unknown) {
  const parsed = questions.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new MalformedRequestError(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.questions.map(({ token, resource }) => ({ token, resource }));
}
