/**
 * `max_age` and `acr_values` in requests without `openid`: whoever follows the challenge of a resource
 * server sends them in any authorization request, and the library takes them with `openid` alone.
 *
 *     read -> another name -> the library's look at `openid` -> their own name -> its other checks
 *
 * A pushed request keeps them under the other name, since it is read once more.
 *
 * Source: RFC 9470 section 4.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';

const keptAs = { max_age: 'usher_max_age', acr_values: 'usher_acr_values' } as const;

/** @returns the parameters with both under their other names, where `openid` is not asked for. */
export function withStepUpKept<Value>(parameters: Record<string, Value>): Record<string, Value> {
  const { scope } = parameters;
  if (typeof scope === 'string' && scope.split(' ').includes('openid')) return parameters;
  const names: Readonly<Record<string, string>> = keptAs;
  const isKept = (name: string) =>
    Object.hasOwn(keptAs, name) && typeof parameters[name] === 'string';
  if (!Object.keys(parameters).some(isKept)) return parameters;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      isKept(name) ? (names[name] ?? name) : name,
      value,
    ]),
  );
}

/** The other names, each with what the library does with it once it has checked everything else. */
export const keptStepUp = {
  [keptAs.max_age]: restoreMaxAge,
  [keptAs.acr_values]: (ctx: KoaContextWithOIDC) => restore(ctx, 'acr_values'),
};

/** @throws {errors.InvalidRequest} it is no number of seconds. */
function restoreMaxAge(ctx: KoaContextWithOIDC): void {
  const { params, prompts } = ctx.oidc;
  const asked = params?.[keptAs.max_age];
  if (params === undefined || asked === undefined) return;
  const seconds = Number(asked);
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new errors.InvalidRequest('invalid max_age parameter value');
  }
  restore(ctx, 'max_age');
  if (seconds > 0 || params['max_age'] === undefined) return;
  // OpenID Connect Core section 3.1.2.1: as `prompt=login`; the library has read the prompts by now.
  params['max_age'] = undefined;
  prompts.add('login');
  params['prompt'] = [...prompts].join(' ');
}

/** A pushed request is read once more, by the name that is let through. */
function restore({ oidc: { params, route } }: KoaContextWithOIDC, name: keyof typeof keptAs): void {
  if (params?.[keptAs[name]] === undefined || route === 'pushed_authorization_request') return;
  params[name] = params[keptAs[name]];
  params[keptAs[name]] = undefined;
}
