/**
 * Two conditions that a request can bring along, each checked in the transaction of the work:
 *
 *     If-Match, If-None-Match  the thing is as the request says, else 412 and nothing is changed
 *     Idempotency-Key          the thing is created once, and whoever asks again gets the same answer
 *
 * Rights come first: conditions are compared after the use case has let the caller in, and undo it.
 *
 * Source: RFC 9110 section 13 (conditional requests); the IETF draft on the Idempotency-Key header.
 *
 * @module
 */

import type Koa from 'koa';
import { sha256 } from '../../lib/secrets.ts';
import type { Actor } from '../../organizations/actor.ts';
import { invalid } from '../../organizations/refusals.ts';
import { lockFor } from '../../organizations/rights.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import {
  claimKey,
  findKey,
  type KeyedRequest,
  keepAnswer,
} from '../../storage/engine/idempotency-keys.ts';
import { workUnder } from '../../storage/engine/work.ts';
import type { Call } from './call.ts';
import { entityTag } from './entity-tags.ts';
import { cannotCompare, readPreconditions, requireMet } from './preconditions.ts';
import { ProblemError } from './problems.ts';
import { isLook, type Route } from './route.ts';

/** The work was done before under this key; this is what was answered. */
class DoneBeforeError extends Error {
  override readonly name = 'DoneBeforeError';
  readonly answer: string;

  constructor(answer: string) {
    super('done before');
    this.answer = answer;
  }
}

/** What came of a request: `text` is JSON; undefined where there is nothing to say. */
export interface Outcome {
  readonly text: string | undefined;
  readonly isReplay: boolean;
}

/** Runs a row: a look as it is, a change as one unit of work under the conditions of the request. */
export async function runUnderConditions(
  ctx: Koa.Context,
  route: Route,
  call: Call,
): Promise<Outcome> {
  if (isLook(route)) {
    return { text: textOf(route, call, await route.run(call)), isReplay: false };
  }
  const { work, answered } = unitOfWork(ctx, route, call);
  try {
    await route.run({ ...call, work });
    return { text: answered(), isReplay: false };
  } catch (error) {
    if (!(error instanceof DoneBeforeError)) throw error;
    return { text: error.answer, isReplay: true };
  }
}

interface UnitOfWork {
  readonly work: Work;
  /** What is answered, once the work was done. */
  answered(): string | undefined;
}

/**
 * The answer is made of what the body returns, before it is committed: what was done and cannot be
 * shown is undone, and nobody's change in between can get into the answer.
 */
function unitOfWork(ctx: Koa.Context, route: Route, call: Call): UnitOfWork {
  const keyed = route.status === 201 ? keyedRequest(ctx, call) : undefined;
  const wanted = readPreconditions(ctx);
  let done: { readonly text: string | undefined } | undefined;
  const work = workUnder(call.work, {
    before: async (tx) => {
      if (keyed !== undefined) await takeKey(tx, keyed);
      return wanted && tagNow(tx, route, call);
    },
    after: async (tx, result, tag) => {
      if (wanted && route.current === undefined) throw cannotCompare();
      if (wanted) requireMet(wanted, tag);
      const text = textOf(route, call, result);
      if (keyed !== undefined) await keepAnswer(tx, keyed, text ?? '');
      done = { text };
    },
  });
  const answered = () => {
    if (done === undefined) throw new Error(`${route.id} changed nothing by its unit of work`);
    return done.text;
  };
  return { work, answered };
}

function textOf({ print }: Route, call: Call, result: unknown): string | undefined {
  const shown = print === undefined ? result : print(result, call);
  return shown === undefined ? undefined : JSON.stringify(shown);
}

/** The organization, or the caller's own account, is held, so the thing stays as it is seen here until the work is done. */
async function tagNow(
  tx: Db,
  { current }: Route,
  { actor, at }: Call,
): Promise<string | undefined> {
  const { organizationId } = at as { organizationId?: string };
  const isThere =
    organizationId === undefined || (await lockFor(tx, actor, organizationId)) !== undefined;
  const shown = isThere ? await current?.(tx, at, actor) : undefined;
  return shown === undefined ? undefined : entityTag(JSON.stringify(shown));
}

function keyedRequest(ctx: Koa.Context, { actor, body }: Call): KeyedRequest | undefined {
  const key = idempotencyKey(ctx);
  if (key === undefined) return undefined;
  const id = sha256(JSON.stringify(['request', ...callerOf(actor), key]));
  return { id, fingerprint: sha256(JSON.stringify([ctx.method, ctx.path, body])) };
}

/** What an idempotency key looks like. */
export const keyForm = /^[!-~]{1,255}$/;

/** @throws {RefusedError} `invalid`: it has not the form of a key. */
export function idempotencyKey(ctx: Koa.Context): string | undefined {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return undefined;
  if (keyForm.test(key)) return key;
  throw invalid({ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' });
}

/** A key belongs to whoever sent it, and to the way by which they came. */
export function callerOf({ accountId, via }: Actor): (string | null)[] {
  return [accountId ?? null, via.kind === 'session' ? null : via.clientId];
}

/**
 * Takes a key in the transaction of the work.
 *
 * @throws {DoneBeforeError} the work was done under it.
 * @throws {ProblemError} `idempotency-key-reused`.
 */
async function takeKey(tx: Db, keyed: KeyedRequest): Promise<void> {
  if (await claimKey(tx, keyed)) return;
  const used = await findKey(tx, keyed.id);
  if (!used?.fingerprint.equals(keyed.fingerprint))
    throw new ProblemError('idempotency-key-reused');
  throw new DoneBeforeError(used.answer);
}
