/**
 * How long everything lives, in seconds.
 *
 * @module
 */

import type { KoaContextWithOIDC, Session } from 'oidc-provider';

const hour = 3_600;
const day = 24 * hour;

export const accessTokenSeconds = hour;
/** A refresh token dies after this long without use, */
export const refreshIdleSeconds = 30 * day;
/** and its family after this long in all. */
export const refreshTotalSeconds = 365 * day;
const codeSeconds = 60;
const serviceTokenSeconds = 600;
const sessionIdleSeconds = 14 * day;
const sessionTotalSeconds = 90 * day;

/** The library's `ttl` setting. Its functions are asked at each issue. */
export const ttl = {
  AccessToken: (ctx: KoaContextWithOIDC) => withinGrant(ctx, accessTokenSeconds),
  AuthorizationCode: codeSeconds,
  ClientCredentials: serviceTokenSeconds,
  IdToken: hour,
  Interaction: hour,
  RefreshToken: (ctx: KoaContextWithOIDC) => withinGrant(ctx, refreshIdleSeconds),
  Session: (_ctx: KoaContextWithOIDC, session: Session) => sessionSeconds(session),
  /** The grant ends with the last token that can be issued under it. */
  Grant: (ctx: KoaContextWithOIDC) =>
    ctx.oidc.client?.grantTypeAllowed('refresh_token')
      ? refreshTotalSeconds
      : codeSeconds + accessTokenSeconds,
};

/** How long a session may rest: until it was idle for too long, or is too old in all. */
export function sessionSeconds({ loginTs = now() }: Session): number {
  return atLeastOne(Math.min(sessionIdleSeconds, loginTs + sessionTotalSeconds - now()));
}

/** No token outlives its grant; the database holds to it too. */
function withinGrant(ctx: KoaContextWithOIDC, seconds: number): number {
  const { exp } = ctx.oidc.entities.Grant ?? {};
  return atLeastOne(exp === undefined ? seconds : Math.min(seconds, exp - now()));
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** The library takes positive whole numbers only. */
function atLeastOne(seconds: number): number {
  return Math.max(1, Math.floor(seconds));
}
