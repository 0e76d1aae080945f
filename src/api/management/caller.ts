/**
 * Who calls: a person in their browser, an application with a person's token, or a service client
 * of the platform.
 *
 *     Authorization: Bearer usher_st_...   a service client, with a token of its own
 *     Authorization: Bearer usher_at_...   an application; what it may do, token-decision.ts
 *     the session's cookie                 a person; changes only from a page of ours
 *
 * A request with an Authorization header is never taken for the browser's.
 *
 * Source: RFC 6750 section 2.1; OWASP ASVS 5 section 3.5 (cross-site requests).
 *
 * @module
 */

import type Koa from 'koa';
import { hasValidChecksum, secretPrefixes, sha256 } from '../../lib/secrets.ts';
import type { Actor } from '../../organizations/actor.ts';
import { auditRefusal } from '../../organizations/audited.ts';
import { notFound, type RefusedError } from '../../organizations/refusals.ts';
import type { BrowserSessions } from '../../provider/browser-sessions.ts';
import type { Origin } from '../../storage/audit-events.ts';
import type { Database } from '../../storage/database.ts';
import type { ResourceReference } from '../../storage/resource-lookup.ts';
import { findServiceToken } from '../../storage/service-tokens.ts';
import { privilegedDeed } from './privileged-deed.ts';
import { ProblemError } from './problems.ts';
import type { Route } from './route.ts';
import { deadToken, type Reach, unlimited, useToken } from './token-decision.ts';

/** What telling callers apart takes. */
export interface CallerParts {
  readonly issuer: string;
  readonly database: Database;
  readonly sessions: Pick<BrowserSessions, 'current'>;
  /** Where a request comes from. */
  readonly originOf: (ctx: Koa.Context) => Origin;
}

/** Somebody who may call this route; what they may do to the thing itself is for the use case. */
export interface Caller {
  readonly actor: Actor;
  readonly reach: Reach;
}

/**
 * A token that may not be used for a privileged act is told of, as a person without the role is.
 *
 * @param at the ids in the address.
 * @throws {ProblemError} nobody, or not in this way.
 * @throws {RefusedError} `not_found`: the token does not reach the resource.
 */
export async function identify(
  parts: CallerParts,
  ctx: Koa.Context,
  route: Route,
  at: Readonly<Record<string, string>>,
): Promise<Caller> {
  const { database, originOf } = parts;
  const origin = originOf(ctx);
  const authorization = ctx.get('Authorization');
  if (authorization === '') return forPeople(route, await inBrowser(parts, ctx, origin));
  const token = bearerToken(authorization);
  if (token.startsWith(secretPrefixes.serviceToken)) {
    const clientId = await findServiceToken(database, sha256(token));
    if (clientId === undefined) throw deadToken();
    return { actor: { via: { kind: 'service', clientId }, origin }, reach: unlimited };
  }
  if (route.isForPlatform) throw notFound();
  const use = await useToken(database, token, resourceOf(at), route.scopes);
  const { accountId, clientId, refused, reach } = use;
  const actor: Actor = { accountId, via: { kind: 'application', clientId }, origin };
  if (refused === undefined) return { actor, reach };
  const deed = privilegedDeed(route, at);
  if (deed !== undefined) await auditRefusal(database, actor, deed, reasonOf(refused));
  throw refused;
}

/** What a token is asked about: the smallest thing that the address names, else the person. */
function resourceOf(at: Readonly<Record<string, string>>): ResourceReference {
  const { branchId, databaseId, organizationId, teamId } = at;
  if (branchId !== undefined) return { kind: 'branch', id: branchId };
  if (databaseId !== undefined && teamId === undefined) return { kind: 'database', id: databaseId };
  if (organizationId !== undefined) return { kind: 'organization', id: organizationId };
  return { kind: 'user' };
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

function bearerToken(authorization: string): string {
  const [, token = ''] = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization) ?? [];
  const isKind = [secretPrefixes.accessToken, secretPrefixes.serviceToken].some((prefix) =>
    token.startsWith(prefix),
  );
  if (!isKind || !hasValidChecksum(token)) throw deadToken();
  return token;
}

async function inBrowser(
  { issuer, sessions }: CallerParts,
  ctx: Koa.Context,
  origin: Origin,
): Promise<Caller> {
  if (!['GET', 'HEAD'].includes(ctx.method)) checkOwnPage(ctx, issuer);
  const session = await sessions.current(ctx);
  if (session === undefined) {
    throw new ProblemError('unauthenticated', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
  const { accountId } = session;
  return { actor: { accountId, via: { kind: 'session' }, origin }, reach: unlimited };
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
