/**
 * How large an authorization request may be, and how many of one network wait for a sign-in.
 *
 * Whatever a request holds is stored until its user is done, and much of it comes back in an
 * address; anybody can send one. So long parameters are refused where they come, on a page of ours or
 * at the PAR endpoint, and never go on to the application.
 *
 * @module
 */

import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { networkOf } from '../lib/network.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';
import { keptDetails } from './preselection-parameters.ts';

/** Characters of one parameter; a scope that names the whole catalogue has 2,300. */
const longestParameter = 2_048;
const longestOf: ReadonlyMap<string, number> = new Map([
  ['scope', 4_096],
  ['state', 4_096],
  ['claims', 4_096],
  ['authorization_details', 4_096],
  [keptDetails, 4_096],
  ['id_token_hint', 4_096],
]);
/** Characters of all parameters of one request. */
const longestRequest = 8_192;

/** @returns what is too long; undefined where nothing is. */
function excessOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  let total = 0;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    const { length } = String(value);
    const most = longestOf.get(name) ?? longestParameter;
    if (length > most) return `${nameOf(name)} is too long: at most ${most} characters`;
    total += length;
  }
  return total > longestRequest ? `the request is too long: at most ${longestRequest}` : undefined;
}

/** It may be anything, and is shown; as the application sent it. */
function nameOf(sent: string): string {
  const name = sent === keptDetails ? 'authorization_details' : sent;
  return /^[a-z_]{1,40}$/.test(name) ? `the parameter ${name}` : 'a parameter';
}

/** @throws {errors.InvalidRequest} a pushed request is too large. */
export function refuseLargeRequest({ oidc }: KoaContextWithOIDC): void {
  if (oidc.route !== 'pushed_authorization_request') return;
  const excess = excessOf(oidc.params ?? {});
  if (excess !== undefined) throw new errors.InvalidRequest(excess);
}

/** Of one network in `windowSeconds`; enough for a large office that begins its day. */
const mostWaiting = 600;
const windowSeconds = 600;

interface RequestLimits {
  readonly addressOf: (ctx: KoaContextWithOIDC) => string;
  readonly renderError: NonNullable<Configuration['renderError']>;
}

/** @returns the middleware around the authorization endpoint. */
export function limitRequests(db: Db, { addressOf, renderError }: RequestLimits) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const excess = ctx.path === '/oauth/authorize' ? excessOf(ctx.query) : undefined;
    if (excess !== undefined) {
      ctx.status = 400;
      return refuse(ctx, 'invalid_request', excess, renderError);
    }
    await next();
    const waiting = ctx.oidc?.route === 'authorization' && ctx.oidc.entities.Interaction;
    if (!waiting || ctx.oidc.session?.accountId !== undefined) return;
    const bucket = sha256(JSON.stringify(['authorization', networkOf(addressOf(ctx))]));
    const { attempts, remainingSeconds } = await countAttempt(db, bucket, windowSeconds);
    if (attempts <= mostWaiting) return;
    await waiting.destroy();
    ctx.remove('Location');
    ctx.remove('Set-Cookie');
    ctx.status = 429;
    ctx.set('Retry-After', String(remainingSeconds));
    const why = 'too many requests from this network wait for a sign-in; try again later';
    await refuse(ctx, 'temporarily_unavailable', why, renderError);
  };
}

async function refuse(
  ctx: KoaContextWithOIDC,
  error: string,
  description: string,
  renderError: RequestLimits['renderError'],
): Promise<void> {
  await renderError(ctx, { error, error_description: description }, new Error(error));
}
