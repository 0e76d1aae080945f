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

import type Router from '@koa/router';
import type Koa from 'koa';
import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { parseJson, readJsonBody } from '../http/json-body.ts';
import {
  answerOAuthError,
  databaseUnavailable,
  invalidClient,
  serverError,
} from '../http/oauth-error.ts';
import { introspect, type OnAnswered } from '../introspection/introspect.ts';
import type { Question } from '../introspection/question-facts.ts';
import { limitConcurrency } from '../lib/concurrency-limit.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import { strictRouter } from '../lib/strict-router.ts';
import type { Database } from '../storage/engine/database.ts';
import { listAnswer } from './answer-list.ts';
import { authenticate } from './authenticate.ts';
import { type CountUse, type Decision, evaluate } from './evaluate.ts';
import {
  faultOf,
  listOfQuestions,
  MalformedRequestError,
  readEvaluation,
  readEvaluations,
  type Semantics,
} from './evaluation-request.ts';

/** What the routes need. */
export interface AccessParts {
  readonly database: Database;
  readonly issuer: string;
  /** Writes a failure of ours to the log. */
  readonly report: (ctx: Koa.Context, error: unknown) => unknown;
  /** Hears of each answer about a token. */
  readonly onAnswered?: OnAnswered | undefined;
  /** Hears of what a decision permitted a token. */
  readonly countUse?: CountUse | undefined;
}

/** Mounts the decisions API. */
export function accessRoutes(parts: AccessParts): Router {
  const { database, issuer, onAnswered } = parts;
  const router = strictRouter();
  router.get('/.well-known/authzen-configuration', (ctx) => {
    ctx.body = {
      policy_decision_point: issuer,
      access_evaluation_endpoint: `${issuer}/access/v1/evaluation`,
      access_evaluations_endpoint: `${issuer}/access/v1/evaluations`,
    };
  });
  router.post('/access/v1/evaluation', (ctx) =>
    answer(ctx, parts, (asker, body) => evaluateOne(parts, asker, body)),
  );
  router.post('/access/v1/evaluations', (ctx) =>
    answer(ctx, parts, async (asker, body) => {
      const batch = await readEvaluations(body);
      if (batch === undefined) return evaluateOne(parts, asker, body);
      const decisions = await evaluate(database, asker, batch.evaluations, parts.countUse);
      return { evaluations: upTo(decisions, batch.semantics) };
    }),
  );
  router.post('/access/v1/introspections', (ctx) =>
    answer(ctx, parts, async (asker, body) => {
      const questions = await readQuestions(body, asker.id);
      return listAnswer('answers', await introspect(database, questions, issuer, onAnswered));
    }),
  );
  router.all('/access/v1/{*rest}', (ctx) => nothingElse(ctx));
  return router;
}

const addresses = /^\/access\/v1\/(evaluations?|introspections)$/;

/** Another method, or another address. */
function nothingElse(ctx: Koa.Context): void {
  ctx.set('Cache-Control', 'no-store');
  if (addresses.test(ctx.path)) {
    ctx.set('Allow', 'POST');
    refuse(ctx, 405, 'this address takes POST only');
  } else {
    refuse(ctx, 404, 'there is nothing at this address');
  }
}

async function evaluateOne(
  { database, countUse }: AccessParts,
  asker: Client,
  body: unknown,
): Promise<unknown> {
  const [decision] = await evaluate(database, asker, [readEvaluation(body)], countUse);
  return decision;
}

/** Every answer is JSON, also of a failure: nobody but programs comes here. */
async function answer(
  ctx: Koa.Context,
  { database, issuer, report }: AccessParts,
  work: (asker: Client, body: unknown) => Promise<unknown>,
): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const requestId = ctx.get('X-Request-ID');
  if (requestId !== '') ctx.set('X-Request-ID', requestId);
  try {
    const prove = () => authenticate(database, ctx.get('Authorization'));
    // Nobody sends much for nothing. Who asks is decided once the body is there and it is its turn.
    if (!isSmall(ctx) && (await prove()) === undefined) return refuseStranger(ctx, issuer);
    const read = await readJsonBody(ctx, maxBytes);
    const answering = async () => {
      const asker = await prove();
      if (asker === undefined) return refuseStranger(ctx, issuer);
      if (read.outcome === 'refused') throw new MalformedRequestError(read.reason);
      ctx.body = await work(asker, inputOf(read.body));
      ctx.type = 'application/json';
    };
    const isLarge = read.outcome === 'read' && read.body.length > smallBytes;
    await (isLarge ? limited(answering) : answering());
  } catch (error) {
    if (error instanceof MalformedRequestError) {
      return refuse(ctx, 400, error.message);
    }
    report(ctx, error);
    fail(ctx, error);
  }
}

/** Enough for 1,000 questions with ids. */
const maxBytes = 1024 * 1024;

/** What is read of a large batch takes 20 times its bytes, so they are worked on one after the other. */
const smallBytes = 16 * 1024;
const limited = limitConcurrency(1);

function isSmall(ctx: Koa.Context): boolean {
  return (ctx.request.length ?? Number.POSITIVE_INFINITY) <= smallBytes;
}

function refuseStranger(ctx: Koa.Context, issuer: string): void {
  ctx.set('WWW-Authenticate', `Basic realm="${issuer}"`);
  answerOAuthError(ctx, invalidClient);
}

/**
 * Reading takes longest for properties that are all different. A thousand questions have some ten
 * thousand, so what has far more is no batch of questions.
 */
const mostProperties = 50_000;
const colon = 0x3a;

function hasFewProperties(body: Buffer): boolean {
  let colons = 0;
  for (const byte of body) if (byte === colon) colons++;
  return colons <= mostProperties;
}

function inputOf(body: Buffer): unknown {
  if (!hasFewProperties(body)) {
    throw new MalformedRequestError(`the body must have at most ${mostProperties} properties`);
  }
  const parsed = parseJson(body);
  if (parsed.outcome === 'refused') throw new MalformedRequestError(parsed.reason);
  return parsed.input;
}

function fail(ctx: Koa.Context, error: unknown): void {
  const isAway = error instanceof DatabaseUnavailableError;
  answerOAuthError(ctx, isAway ? databaseUnavailable : serverError);
}

function refuse(ctx: Koa.Context, status: number, description: string): void {
  answerOAuthError(ctx, { status, error: 'invalid_request', description });
}

/** AuthZEN section 7.1.2.1: a short-circuit leaves out what comes after the decisive answer. */
function upTo(decisions: readonly Decision[], semantics: Semantics): readonly Decision[] {
  if (semantics === 'execute_all') return decisions;
  const decisive = semantics === 'permit_on_first_permit';
  const at = decisions.findIndex(({ decision }) => decision === decisive);
  return at < 0 ? decisions : decisions.slice(0, at + 1);
}

const questionList = z.object({ questions: listOfQuestions });
const optional = z.string().min(1).optional();
const question = z.object({ token: z.string().min(1), resource: optional, action: optional });

async function readQuestions(body: unknown, asker: string): Promise<Question[]> {
  const parsed = questionList.safeParse(body);
  if (!parsed.success) throw new MalformedRequestError(faultOf(parsed.error));
  return mapWithPauses(parsed.data.questions, (one, index) => {
    const read = question.safeParse(one);
    if (!read.success) throw new MalformedRequestError(`questions.${index}.${faultOf(read.error)}`);
    const { token, resource, action } = read.data;
    return { token, resource, action, asker };
  });
}
