/**
 * Parameters without a value are as omitted, at every endpoint: `response_mode=` is no response mode,
 * and beside a value the same name without one is no second value.
 *
 * Source: RFC 6749 sections 3.1 and 3.2.
 *
 * @module
 */

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { rewriteBodies } from './library-internals.ts';
import { renamed } from './preselection-parameters.ts';
import { withStepUpKept } from './step-up-parameters.ts';

/** Parameters as Node's querystring module reads them. */
type Parameters = Record<string, string | string[] | undefined>;

/** The middleware before the authorization endpoint: its parameters are in the query. */
export function omitEmptyFromQuery(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  if (ctx.path === '/oauth/authorize') {
    const named = withStepUpKept(renamed(ctx.query));
    const query = hasEmpty(named) ? withoutEmpty(named) : named;
    if (query !== ctx.query) ctx.query = query;
  }
  return next();
}

/** Makes the library read bodies without them. */
export function omitEmptyFromBodies(provider: Provider): void {
  rewriteBodies(provider, (body) => {
    if (!isParameters(body)) return body;
    const named = withStepUpKept(renamed(body));
    return hasEmpty(named) ? withoutEmpty(named) : named;
  });
}

function isParameters(body: unknown): body is Parameters {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body);
}

function hasEmpty(parameters: Parameters): boolean {
  return Object.values(parameters).some((value) => [value].flat().includes(''));
}

function withoutEmpty(parameters: Parameters): Record<string, string | string[]> {
  const left: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of Object.entries(parameters)) {
    const values = [value ?? []].flat().filter((one) => one !== '');
    const [first] = values;
    if (first !== undefined) left[name] = values.length === 1 ? first : values;
  }
  return left;
}
