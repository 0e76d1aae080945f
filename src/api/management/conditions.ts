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
import { invalid, RefusedError } from '../../organizations/refusals.ts';
import { lockFor } from '../../organizations/rights.ts';
import type { Database, Db } from '../../storage/engine/database.ts';
import {
  claimKey,
  findKey,
  type KeyedRequest,
  keepAnswer,
} from '../../storage/engine/idempotency-keys.ts';
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

/** Runs a row's work under the conditions that the request brings. */
export async function perform(ctx: Koa.Context, route: Route, call: Call): Promise<Outcome> {
  const show = (result: unknown) => {
    const shown = route.print === undefined ? result : route.print(result, call);
    return shown === undefined ? undefined : JSON.stringify(shown);
  };
  const keyed = route.status === 201 ? keyedRequest(ctx, call) : undefined;
  const wanted = isLook(route) ? undefined : readPreconditions(ctx);
  const hooks: Hooks = {
    before: async (tx) => {
      if (keyed !== undefined) await takeKey(tx, keyed);
      return wanted && tagNow(tx, route, call);
    },
    after: async (tx, tag, result) => {
      if (wanted && route.current === undefined) throw cannotCompare();
      if (wanted) requireMet(wanted, tag);
      if (keyed !== undefined) await keepAnswer(tx, keyed, show(result) ?? '');
    },
  };
  try {
    const result = await route.run({ ...call, db: withHooks(call.db, hooks) });
    return { text: show(result), isReplay: false };
  } catch (error) {
    if (!(error instanceof DoneBeforeError)) throw error;
    return { text: error.answer, isReplay: true };
  }
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

/** What is done in the transaction of a use case, before and after its work. */
export interface Hooks {
  before(tx: Db): Promise<string | undefined>;
  after(tx: Db, tag: string | undefined, result: unknown): Promise<void>;
}

/**
 * The same database, with the hooks inside the transaction of the use case. The audit of a refused
 * act has a transaction of its own, after the first one is gone, and passes through.
 */
export function withHooks(db: Database, { before, after }: Hooks): Database {
  let isRefused = false;
  return {
    ...db,
    transaction: (work) => {
      if (isRefused) return db.transaction(work);
      return db.transaction(async (tx) => {
        const tag = await before(tx);
        const result = await work(tx).catch((error) => {
          isRefused = error instanceof RefusedError;
          throw error;
        });
        await after(tx, tag, result);
        return result;
      });
    },
  };
}
