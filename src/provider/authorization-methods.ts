/**
 * The authorization endpoint by other methods than GET.
 *
 * A request by POST is sent on to the same request by GET: a POST from another site carries no cookie
 * with `SameSite=Lax`, so whoever is signed in would look signed out; the GET after it carries them.
 * What would make too long an address is refused.
 *
 * Source: OpenID Connect Core section 3.1.2.1 (GET and POST), RFC 6749 section 3.1, RFC 9110 section
 * 15.5.6.
 *
 * @module
 */

import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isSentAs, readBody } from '../http/body.ts';
import { formType } from '../http/form-fields.ts';
import type { ProviderSettings } from './configuration.ts';

/** With the host and headers it stays under Node's 16 KiB, and under what proxies take by default. */
const maximumBytes = 7_000;

const allowed = ['GET', 'HEAD', 'POST'];

/** Why a request is refused, in a page. */
interface Refusal {
  readonly status: number;
  readonly description: string;
}

/** @returns the middleware before the authorization endpoint. */
export function authorizationMethods(renderError: ProviderSettings['renderError']) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const isReading = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (ctx.path !== '/oauth/authorize' || isReading) return next();
    const refusal = await sendOn(ctx);
    if (refusal === undefined) return;
    const { status, description } = refusal;
    ctx.status = status;
    ctx.set('Cache-Control', 'no-store');
    const error = { error: 'invalid_request', error_description: description };
    await renderError(ctx, error, new Error(description));
  };
}

async function sendOn(ctx: KoaContextWithOIDC): Promise<Refusal | undefined> {
  if (ctx.method === 'POST') {
    const refusal = await sendOnAsGet(ctx);
    if (refusal?.status !== 413) return refusal;
    return { ...refusal, description: `${refusal.description}; push it to /oauth/par` };
  }
  ctx.set('Allow', allowed.join(', '));
  return { status: 405, description: `the authorization endpoint takes ${allowed.join(', ')}` };
}

/**
 * Answers a form that another site sends here by 303 to the same request as GET, since the browser
 * takes our Lax cookies along with that one only.
 *
 * @returns why it cannot; then no answer is made.
 */
export async function sendOnAsGet(ctx: Koa.Context): Promise<Refusal | undefined> {
  if (!isSentAs(ctx, formType)) {
    return { status: 415, description: `the body must be ${formType}` };
  }
  const body = await readBody(ctx, maximumBytes);
  const query = new URLSearchParams(body?.toString());
  for (const [name, value] of new URLSearchParams(ctx.querystring)) query.append(name, value);
  const address = `${ctx.path}?${query}`;
  if (body === undefined || address.length > maximumBytes) {
    ctx.set('Connection', 'close'); // the rest of the body may be unread
    const description = `the request must have at most ${maximumBytes} bytes`;
    return { status: 413, description };
  }
  ctx.status = 303;
  ctx.set({ Location: address, 'Cache-Control': 'no-store' });
  ctx.body = '';
  return undefined;
}
