/**
 * The guard for Express, 4 and newer. Only these properties of a request and a response are used.
 *
 * @module
 */

import type { Guard } from './guard.ts';
import { headerOf, pathOf } from './node-request.ts';

/** What a guard needs of a request of Express. */
export interface ExpressRequest {
  readonly rawHeaders: readonly string[];
  readonly method: string;
  readonly originalUrl: string;
}

/** What a guard needs of a response of Express. */
export interface ExpressResponse {
  // biome-ignore lint/suspicious/noExplicitAny: as Express declares it
  locals: Record<string, any>;
  status(code: number): unknown;
  set(headers: Record<string, string>): unknown;
  json(body: unknown): unknown;
  end(): unknown;
}

/** A middleware for a request of that kind. */
export type ExpressMiddleware<Request> = (
  request: Request,
  response: ExpressResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/** Puts the token into `response.locals.token` and goes on, or answers the refusal itself. */
export function expressGuard<Request extends ExpressRequest>(
  guard: Guard<Request>,
): ExpressMiddleware<Request> {
  return async (request, response, next) => {
    try {
      const verdict = await guard(guardedPart(request), request);
      if (verdict.ok) {
        response.locals['token'] = verdict.token;
        return next();
      }
      const { status, headers, body } = verdict.refusal;
      response.status(status);
      response.set({ ...headers });
      response.json(body);
    } catch (error) {
      next(error);
    }
  };
}

/** The part of a request that decides. */
export function guardedPart({ rawHeaders, method, originalUrl }: ExpressRequest) {
  return {
    authorization: headerOf(rawHeaders, 'authorization'),
    proof: headerOf(rawHeaders, 'dpop'),
    method,
    path: pathOf(originalUrl),
  };
}
