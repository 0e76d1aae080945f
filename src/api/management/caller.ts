/**
 * Who calls: a person in their browser, an application with a person's token, or a service client
 * of the platform.
 *
 *     Authorization: Bearer usher_st_...   a service client, with a token of its own
 *     Authorization: Bearer usher_at_...   an application; what it may do, token-decision.ts
 *     Authorization: DPoP usher_at_...     the same, with a proof of the token's key; presented.ts
 *     the session's cookie                 a person; changes only from a page of ours
 *
 * A request with an Authorization header is never taken for the browser's.
 *
 * Source: RFC 6750 section 2.1, RFC 9449 section 7.1; OWASP ASVS 5 section 3.5 (cross-site requests).
 *
 * @module
 */

import type Koa from 'koa';
import type { Actor } from '../../organizations/actor.ts';
import { auditRefusal } from '../../organizations/audited.ts';
import { notFound, type RefusedError } from '../../organizations/refusals.ts';
import { lockFor } from '../../organizations/rights.ts';
import type { BrowserSessions } from '../../provider/browser-sessions.ts';
import type { Origin } from '../../storage/audit/audit-log.ts';
import { isWholePath } from '../../storage/audit/audit-log.ts';
import type { Database, Db } from '../../storage/engine/database.ts';
import type { Guard } from '../../storage/engine/work.ts';
import { holdServiceToken, holdSession, holdToken } from '../../storage/people/held-authority.ts';
import { findServiceToken } from '../../storage/tokens/service-tokens.ts';
import { type Presented, readPresented } from './presented.ts';
import { privilegedDeed } from './privileged-deed.ts';
import { ProblemError } from './problems.ts';
import { deadToken, nobody } from './refused-tokens.ts';
import type { Route } from './route.ts';
import { type AskedToken, type Reach, unlimited, useToken } from './token-decision.ts';

/** What it takes to identify a caller. */
export interface CallerParts {
  readonly issuer: string;
  readonly database: Database;
  readonly sessions: Pick<BrowserSessions, 'current'>;
  /** Where a request comes from. */
  readonly originOf: (ctx: Koa.Context) => Origin;
  /** Hears what tokens are used for. */
  readonly countUse?: AskedToken['countUse'];
}

/** Somebody who may call this route; what they may do to the thing itself is for the use case. */
export interface Caller {
  readonly actor: Actor;
  readonly reach: Reach;
  /**
   * Asks again, in the transaction of the act, whether the caller may call: since they were let in,
   * a body has arrived, and what they act by may have ended.
   *
   * @throws {ProblemError} nobody, or not in this way, any more.
   * @throws {RefusedError} `not_found`: the token does not reach the resource any more.
   */
  readonly stillMay: Guard;
}

type Ids = Readonly<Record<string, string>>;

/**
 * A token that may not be used for a privileged act is written into the audit trail, like a person without the role.
 *
 * @param at the ids in the address.
 * @throws {ProblemError} nobody, or not in this way.
 * @throws {RefusedError} `not_found`: the token does not reach the resource.
 */
export async function identify(
  parts: CallerParts,
  ctx: Koa.Context,
  route: Route,
  at: Ids,
): Promise<Caller> {
  const origin = parts.originOf(ctx);
  if (ctx.get('Authorization') === '') return forPeople(route, await inBrowser(parts, ctx, origin));
  const presented = readPresented(ctx, parts);
  if (presented.kind === 'service') return asService(parts.database, presented, origin);
  const { issuer, countUse } = parts;
  const token = { ...presented, issuer, countUse };
  // Nothing is said to a token that is dead or comes without its proof, not even what is not here.
  if (route.isForPlatform) {
    await useToken(parts.database, token, {}, route.scopes);
    throw notFound();
  }
  return byToken(parts.database, { route, at, token, origin });
}

/** Its tokens are bound to no key. */
async function asService(
  db: Database,
  { tokenHash, checkBinding }: Presented,
  origin: Origin,
): Promise<Caller> {
  const clientId = await findServiceToken(db, tokenHash);
  if (clientId === undefined) throw deadToken();
  await checkBinding(undefined);
  return {
    actor: { via: { kind: 'service', clientId }, origin },
    reach: unlimited,
    stillMay: async (tx) => {
      if (!(await holdServiceToken(tx, tokenHash))) throw deadToken();
    },
  };
}

interface TokenCall {
  readonly route: Route;
  readonly at: Ids;
  readonly token: AskedToken;
  readonly origin: Origin;
}

async function byToken(db: Database, call: TokenCall): Promise<Caller> {
  const { route, at, token, origin } = call;
  const { accountId, clientId, refused, reach } = await useToken(db, token, at, route.scopes);
  const actor: Actor = { accountId, via: { kind: 'application', clientId }, origin };
  if (refused !== undefined) {
    await recordRefusal(db, actor, route, at, refused);
    throw (await isOnItsPath(db, at)) ? refused : notFound();
  }
  return { actor, reach, stillMay: (tx) => mayStillUse(tx, actor, call) };
}

/**
 * A token was asked about the last resource of the path alone. Whoever is let in is asked about the
 * rest by the use case; who is not must not learn from the answer which part of it exists.
 */
async function isOnItsPath(db: Db, { organizationId, databaseId, branchId, teamId }: Ids) {
  if (organizationId === undefined || teamId !== undefined) return true;
  return isWholePath(db, { organizationId, databaseId, branchId });
}

/** What decides is held first: token and consent, then the organization with its roles and policy. */
async function mayStillUse(tx: Db, actor: Actor, { route, at, token }: TokenCall): Promise<void> {
  if (!(await holdToken(tx, token.tokenHash))) throw deadToken();
  const { organizationId } = at;
  if (organizationId !== undefined) await lockFor(tx, actor, organizationId);
  const uncounted = { ...token, countUse: undefined }; // it was counted when it was let in
  const { refused } = await useToken(tx, uncounted, at, route.scopes);
  if (refused !== undefined) throw refused;
}

/** Records a token that was refused a privileged act in the audit trail. */
export async function recordRefusal(
  db: Database,
  actor: Actor,
  route: Route,
  at: Ids,
  refused: RefusedError | ProblemError,
): Promise<void> {
  const deed = privilegedDeed(route, at);
  if (deed !== undefined) await auditRefusal(db, actor, deed, reasonOf(refused));
}

function reasonOf(refused: RefusedError | ProblemError): string {
  if (refused instanceof ProblemError) return refused.problem;
  return 'reason' in refused.refusal ? refused.refusal.reason : refused.refusal.code;
}

/** To people there is nothing where the platform's service client works. */
function forPeople({ isForPlatform }: Route, caller: Caller): Caller {
  if (isForPlatform) throw notFound();
  return caller;
}

async function inBrowser(
  { issuer, sessions }: CallerParts,
  ctx: Koa.Context,
  origin: Origin,
): Promise<Caller> {
  const session = await sessions.current(ctx);
  if (session === undefined) throw nobody();
  if (!['GET', 'HEAD'].includes(ctx.method)) checkOwnPage(ctx, issuer);
  const { accountId } = session;
  return {
    actor: { accountId, via: { kind: 'session' }, origin },
    reach: unlimited,
    stillMay: async (tx) => {
      if (!(await holdSession(tx, session))) throw nobody();
    },
  };
}

/** No other site can set the header without our leave, and none is ever given. */
function checkOwnPage(ctx: Koa.Context, issuer: string): void {
  const isMarked = ctx.get('X-Usher-Request') === '1';
  const isOurs = ['', 'null', issuer].includes(ctx.get('Origin'));
  const isSameOrigin = ['', 'same-origin'].includes(ctx.get('Sec-Fetch-Site'));
  if (isMarked && isOurs && isSameOrigin) return;
  throw new ProblemError('cross-site', {
    detail: 'Send the header "X-Usher-Request: 1" from a page of this origin.',
  });
}
