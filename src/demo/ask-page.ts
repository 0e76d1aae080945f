/**
 * Asking for access, as any third-party application does.
 *
 *   GET  /demo            what to ask for
 *   POST /demo/ask        keeps state and verifier in a cookie, and sends the browser to Usher
 *   GET  /demo/callback   redeems the code, keeps the tokens in a cookie, shows the answer
 *
 * @module
 */

import type Koa from 'koa';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { allScopes, formatScope, scopeSet } from '../catalogue/scope-set.ts';
import { scopes } from '../catalogue/scopes.ts';
import { seeOther } from '../web/page/page-parts.ts';
import { demo, demoPassword } from './demo-data.ts';
import { abbreviated, type DemoParts, formToken, takeForm } from './demo-parts.ts';
import { type Refusal, refusalOf } from './usher-by-http.ts';

const readOnly = scopeSet(
  scopes.filter(({ effect }) => effect === 'see').map(({ scope }) => scope),
);

/** What can be asked for with one click. */
const presets: Readonly<Record<string, string>> = {
  everything: formatScope(allScopes),
  reading: formatScope(readOnly),
};

/** `GET /demo` */
export function showStart(parts: DemoParts, ctx: Koa.Context): void {
  parts.renderPage(ctx, 'demo', {
    title: parts.messagesOf(ctx).text('demo-start.title'),
    token: formToken(parts, ctx),
    example: demo.example,
    tryAs: demo.tryAs,
    password: demoPassword,
    isHolding: parts.held.read(ctx) !== undefined,
  });
}

/** `POST /demo/ask` */
export async function ask(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  const fields = await takeForm(parts, ctx);
  const scope = presets[fields.get('preset') ?? ''] ?? fields.get('scope') ?? '';
  const prompt = fields.get('again') === 'yes' ? { prompt: 'consent' } : {};
  const { address, flow } = await parts.application.begin(scope, prompt);
  parts.flows.write(ctx, flow);
  seeOther(ctx, address);
}

/** `GET /demo/callback` */
export async function comeBack(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  const { application, flows, held } = parts;
  const flow = flows.read(ctx);
  flows.clear(ctx);
  if (flow === undefined) {
    const description = parts.messagesOf(ctx).text('demo-start.nothing-begun');
    return showRefusal(parts, ctx, { description });
  }
  try {
    const response = await application.finish(new URL(ctx.url, parts.issuer), flow);
    const { access_token: accessToken, refresh_token: refreshToken } = response;
    held.write(ctx, { accessToken, refreshToken });
    showTokens(parts, ctx, response);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    showRefusal(parts, ctx, refusal);
  }
}

function showTokens(parts: DemoParts, ctx: Koa.Context, response: TokenEndpointResponse): void {
  const { access_token, refresh_token } = response;
  const shown = {
    ...response,
    access_token: abbreviated(access_token),
    ...(refresh_token === undefined ? {} : { refresh_token: abbreviated(refresh_token) }),
  };
  parts.renderPage(ctx, 'demo-tokens', {
    title: parts.messagesOf(ctx).text('demo-tokens.title'),
    isWide: true,
    response: JSON.stringify(shown, null, 2),
  });
}

function showRefusal(parts: DemoParts, ctx: Koa.Context, refusal: Partial<Refusal>): void {
  const title = parts.messagesOf(ctx).text('demo-refused.title');
  const isHolding = parts.held.read(ctx) !== undefined;
  parts.renderPage(ctx, 'demo-refused', { title, refusal, isHolding });
}
