/**
 * The demo's resource server: a database platform that only pretends to act. Before each action it
 * asks Usher, through the SDK, about the very thing that it is about to touch. It asks without a
 * guard of the SDK, since the demo shows what was answered, a refusal too.
 *
 *   POST /demo/api/<path of a resource>   action=write_backups, with a bearer token
 *
 * Source: RFC 6750 sections 2.1 and 3.1 (how a token comes and how it is refused); RFC 7662.
 *
 * @module
 */

import type Router from '@koa/router';
import { names, parseScopeSet } from '../catalogue/scope-set.ts';
import { strictRouter } from '../lib/strict-router.ts';
import type { ResourceServer, TokenAnswer } from '../resource-server/resource-server.ts';
import { readForm } from '../web/page/read-form.ts';
import { type Action, actionsOn, reasonsFor } from './actions.ts';
import { findDemoResource } from './resources.ts';

/** What the platform answers; `heard` is what Usher answered about the resource. */
export interface PlatformAnswer {
  readonly error?: 'invalid_token' | 'insufficient_scope' | 'not_found';
  readonly message: string;
  readonly heard?: Readonly<Record<string, unknown>>;
}

const addresses = [
  '/demo/api/user',
  '/demo/api/organizations/:organization{/databases/:database{/branches/:branch}}',
];

/** The platform's addresses: one for each resource. */
export function platformRoutes(resourceServer: ResourceServer): Router {
  return strictRouter().post(addresses, async (ctx) => {
    const action = (await readForm(ctx)).get('action') ?? '';
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization'))?.[1];
    const wanted = { token, action, resource: ctx.path.slice('/demo/api/'.length) };
    const answer = await answerTo(resourceServer, wanted);
    ctx.status = statusOf(answer);
    const challenge = challengeOf(answer, token);
    if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
    ctx.body = answer;
  });
}

interface Wanted {
  readonly token: string | undefined;
  readonly action: string;
  readonly resource: string;
}

async function answerTo(
  resourceServer: ResourceServer,
  { token, action: name, resource }: Wanted,
): Promise<PlatformAnswer> {
  const known = findDemoResource(resource);
  const action = known && actionsOn[known.kind].find((one) => one.name === name);
  if (action === undefined) {
    const message = 'The platform has no such resource, or no such action on it.';
    return { error: 'not_found', message };
  }
  if (token === undefined) return { error: 'invalid_token', message: 'There is no bearer token.' };
  return decide(action, await resourceServer.introspect(token, resource));
}

function decide(action: Action, answer: TokenAnswer): PlatformAnswer {
  const heard = { ...answer };
  if (!answer.active) return { error: 'invalid_token', message: 'The token is not alive.', heard };
  // A token that is bound to a key is worth nothing without a proof (RFC 9449 section 7.1).
  if (answer.token_type !== 'Bearer') {
    return { error: 'invalid_token', message: 'The platform takes bearer tokens only.', heard };
  }
  const because = reasonsFor(action, parseScopeSet(answer.scope ?? ''));
  if (because.length > 0) {
    return {
      message: `Done (the platform only pretends). Allowed by ${because.join(' and ')}.`,
      heard,
    };
  }
  const enough = names(action.allowedBy).join(', ');
  const message = `Nothing in Usher's answer allows this here now. Any of these would: ${enough}.`;
  return { error: 'insufficient_scope', message, heard };
}

const statuses = { invalid_token: 401, insufficient_scope: 403, not_found: 404 } as const;

function statusOf({ error }: PlatformAnswer): number {
  return error === undefined ? 200 : statuses[error];
}

/** The answer to a request without a token has no error code (RFC 6750 section 3.1). */
function challengeOf({ error }: PlatformAnswer, token: string | undefined): string | undefined {
  if (error === undefined || error === 'not_found') return undefined;
  return token === undefined ? 'Bearer' : `Bearer error="${error}"`;
}
