/**
 * The endpoints that programs call: they answer JSON, whatever `Accept` says, and name the methods that
 * they take.
 *
 * Many HTTP clients say that they prefer HTML without meaning it (Java's default is
 * `text/html, image/gif, image/jpeg, *; q=.2`), and then cannot read the error that they get.
 *
 * Source: RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 7591 section 3.2.2, RFC 9126 section 2.3
 * (errors are JSON); RFC 9110 section 15.5.6 (405 and `Allow`).
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { answerOAuthError } from '../http/oauth-error.ts';

/** Below these everything is for programs, but for the pages that a browser is sent to. */
const programs = /^\/(?:oauth|access|\.well-known)\//i;
const pages = /^\/oauth\/(?:authorize|end-session)(?:[/?]|$)/i;

/** Makes a request to such an endpoint accept JSON and nothing else; call it before the request is read. */
export function acceptJson(req: IncomingMessage): void {
  const { url = '' } = req;
  if (programs.test(url) && !pages.test(url)) req.headers.accept = 'application/json';
}

/**
 * Makes several spaces after the scheme one (RFC 9110 section 11.4: `1*SP`): the library takes one only.
 * Call it before the request is read.
 */
export function oneSpaceAfterScheme(req: IncomingMessage): void {
  const { authorization } = req.headers;
  if (authorization?.includes('  ')) {
    req.headers.authorization = authorization.replace(/^([\w-]+) {2,}/, '$1 ');
  }
}

const read = ['GET', 'HEAD', 'OPTIONS'];
const form = ['POST', 'OPTIONS'];

/** What the library answers, by path; anything else is not there. */
const methods: ReadonlyMap<string, readonly string[]> = new Map([
  ['/oauth/token', form],
  ['/oauth/introspect', form],
  ['/oauth/revoke', form],
  ['/oauth/par', form],
  ['/oauth/userinfo', [...read, 'POST']],
  ['/oauth/jwks', read],
  ['/.well-known/oauth-authorization-server', read],
  ['/.well-known/openid-configuration', read],
]);

/** Answers 405 where the endpoint takes other methods; the library would say that it is not there. */
export async function refuseOtherMethods(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const allowed = methods.get(ctx.path);
  if (allowed === undefined || allowed.includes(ctx.method)) return next();
  const names = allowed.join(', ');
  const description = `${ctx.path} takes ${names}`;
  const headers = { Allow: names };
  answerOAuthError(ctx, { status: 405, error: 'invalid_request', description, headers });
}
