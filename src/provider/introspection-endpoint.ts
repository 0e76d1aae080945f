/**
 * Introspection through the library: it authenticates the asker, Usher decides and answers.
 *
 * What the library has looked up until then can only refuse. The answer comes from one statement
 * that reads token, grant, consent, client, account and roles anew.
 *
 * Nobody asks without proof of who it is. A public client has none, its `client_id` is known to all: it
 * is answered as one that sent nothing.
 *
 * Source: RFC 7662, section 2.1 (the endpoint requires authorization).
 *
 * @module
 */

import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { answerOAuthError } from '../http/oauth-error.ts';
import type { IntrospectionAnswer } from '../introspection/answer.ts';
import { introspect, type OnAnswered } from '../introspection/introspect.ts';
import type { Db } from '../storage/engine/database.ts';
import { toOAuthError } from './request-db.ts';

const answers = new WeakMap<KoaContextWithOIDC, IntrospectionAnswer>();

/**
 * @returns the library's `allowedPolicy`: asks, and keeps the answer for `answerIntrospection`. It
 *   allows the library no answer of its own, for which that looks up the token's client again and
 *   fails where it was deleted meanwhile.
 */
export function isIntrospectionAllowed(db: Db, issuer: string, onAnswered: OnAnswered) {
  return async (ctx: KoaContextWithOIDC, asker: Client): Promise<boolean> => {
    if (isPublic(asker)) return false;
    const { token } = ctx.oidc.params ?? {};
    const [resource, action] = [parameterOf(ctx, 'resource'), parameterOf(ctx, 'action')];
    const question = { asker: asker.clientId, token: String(token), resource, action };
    const [answer] = await introspect(db, [question], issuer, onAnswered).catch(toOAuthError);
    if (answer !== undefined) answers.set(ctx, answer);
    return false;
  };
}

/**
 * Replaces the library's answer by Usher's, and refuses a second `resource` or `action`, and
 * whoever does not prove who it is.
 */
export async function answerIntrospection(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'introspection') return;
  if (isUnproven(ctx)) return askForProof(ctx);
  if (isForeignJwt(ctx)) ctx.status = 200;
  if (ctx.status !== 200) return;
  const repeated = ownParameters.find((name) => Array.isArray(sent(ctx, name)));
  if (repeated !== undefined) {
    const description = twice(repeated);
    return answerOAuthError(ctx, { status: 400, error: 'invalid_request', description });
  }
  ctx.body = answers.get(ctx) ?? { active: false };
}

/** Whether a request that was read came without a secret or an assertion. */
function isUnproven({ status, headers, oidc: { params } }: KoaContextWithOIDC): boolean {
  if (params === undefined || status >= 500) return false;
  const proofs = [headers.authorization, params['client_secret'], params['client_assertion']];
  return proofs.every((proof) => proof === undefined);
}

function isPublic({ clientAuthMethod }: Client): boolean {
  return clientAuthMethod === 'none';
}

/** RFC 6749 section 5.2, RFC 9110 section 15.5.2 (a 401 says how to authenticate). */
function askForProof(ctx: KoaContextWithOIDC): void {
  answerOAuthError(ctx, {
    status: 401,
    error: 'invalid_client',
    description:
      'introspection needs the credentials of a resource server, or of the client that the token is for',
    headers: { 'WWW-Authenticate': `Basic realm="${ctx.oidc.issuer}"` },
  });
}

/** The library refuses what looks like a JWT; to the asker it is one more token that is not live. */
function isForeignJwt(ctx: KoaContextWithOIDC): boolean {
  const { error } = (ctx.body ?? {}) as { error?: string };
  return ctx.status === 400 && error === 'unsupported_token_type';
}

/** Usher's own, of which the library knows nothing. */
const ownParameters = ['resource', 'action'] as const;
type OwnParameter = (typeof ownParameters)[number];

/** RFC 6749 section 3.1: without a value it counts as left out, but that an empty resource names nothing. */
function parameterOf(ctx: KoaContextWithOIDC, name: OwnParameter): string | undefined {
  const value = sent(ctx, name);
  if (Array.isArray(value)) throw new errors.InvalidRequest(twice(name));
  return typeof value === 'string' ? value : undefined;
}

function sent(ctx: KoaContextWithOIDC, name: OwnParameter): unknown {
  return (ctx.oidc.body as Partial<Record<OwnParameter, unknown>> | undefined)?.[name];
}

function twice(name: OwnParameter): string {
  return `'${name}' must not be provided twice`;
}
