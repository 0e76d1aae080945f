/**
 * A provider says that somebody signed out there: their sessions that began there end here, on every node
 * from the next question on.
 *
 *   POST /sign-in/provider/:id/backchannel-logout   `logout_token`
 *
 * Each token counts once, as long as it could be sent again.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0 sections 2.4 to 2.8.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { printId } from '../../lib/ids.ts';
import { sha256 } from '../../lib/secrets.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { recordAuditEvent } from '../../storage/audit/audit-log.ts';
import { findProvider } from '../../storage/people/identity-providers.ts';
import { endProviderSessions } from '../../storage/people/provider-sessions.ts';
import { recordOnce } from '../../storage/tokens/provider-records.ts';
import type { OpenidProviders } from '../../upstream/openid-provider.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type { PageParts } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

/** What the route needs beside the rest. */
export interface BackchannelParts extends PageParts {
  readonly providers: OpenidProviders;
}

/** Longer than a token is accepted after it was made, with the tolerance of clocks. */
const rememberedSeconds = 15 * 60;

/** The route that providers call. */
export function backchannelRoutes(parts: BackchannelParts): Router {
  return strictRouter().post('/sign-in/provider/:id/backchannel-logout', (ctx) => end(parts, ctx));
}

async function end({ db, providers, originOf }: BackchannelParts, ctx: Koa.Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const { id = '' } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  const tokens = (await readForm(ctx)).getAll('logout_token');
  const provider = await findProvider(db, id);
  const [token] = tokens;
  if (provider === undefined || token === undefined || tokens.length > 1) return refuse(ctx);
  const logout = await providers.readLogoutToken(provider, token).catch((error) => {
    if (!(error instanceof UpstreamError)) throw error;
    return error.fault;
  });
  if (logout === 'unavailable') {
    ctx.status = 503;
    ctx.set('Retry-After', '5');
    ctx.body = { error: 'temporarily_unavailable' };
    return;
  }
  if (typeof logout === 'string') return refuse(ctx);
  const seen = sha256(JSON.stringify(['logout token', provider.issuer, logout.jti]));
  const isFirst = await db.run(async (tx) => {
    if (!(await recordOnce(tx, seen, rememberedSeconds))) return false;
    const ended = await endProviderSessions(tx, id, logout);
    for (const accountId of new Set(ended)) {
      await recordAuditEvent(tx, {
        action: 'sessions.ended_by_provider',
        subject: printId('user', accountId),
        after: { provider: id, ended: ended.filter((one) => one === accountId).length },
        origin: originOf(ctx),
      });
    }
    return true;
  });
  if (!isFirst) return refuse(ctx);
  ctx.status = 200;
  ctx.body = {};
}

function refuse(ctx: Koa.Context): void {
  ctx.status = 400;
  ctx.body = { error: 'invalid_request', error_description: 'not a logout token for this server' };
}
