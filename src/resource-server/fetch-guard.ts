/**
 * The guard for servers that speak the Fetch API.
 *
 * @module
 */

import type { GrantedToken, Guard } from './guard.ts';
import type { Refusal } from './refusals.ts';

/** Whether a request may go on; if not, the response to send. */
export type FetchVerdict =
  | { readonly ok: true; readonly token: GrantedToken }
  | { readonly ok: false; readonly response: Response };

/** Asks about each request; a guard keeps nothing between them. */
export interface FetchGuard {
  (request: Request): Promise<FetchVerdict>;
  /** @returns a handler that calls `handler` only with a token that may. */
  protect(
    handler: (request: Request, token: GrantedToken) => Response | Promise<Response>,
  ): (request: Request) => Promise<Response>;
}

/** Makes a guard for requests of the Fetch API. */
export function fetchGuard(guard: Guard<Request>): FetchGuard {
  const check = async (request: Request): Promise<FetchVerdict> => {
    const { headers, method, url } = request;
    const authorization = headers.get('authorization') ?? undefined;
    const proof = headers.get('dpop') ?? undefined;
    const path = new URL(url).pathname;
    const verdict = await guard({ authorization, proof, method, path }, request);
    return verdict.ok ? verdict : { ok: false, response: toResponse(verdict.refusal) };
  };
  return Object.assign(check, {
    protect: (handler: Parameters<FetchGuard['protect']>[0]) => async (request: Request) => {
      const verdict = await check(request);
      return verdict.ok ? handler(request, verdict.token) : verdict.response;
    },
  });
}

function toResponse({ status, headers, body }: Refusal): Response {
  return Response.json(body, { status, headers });
}
