/**
 * The scopes of the catalogue: everything that an application may ask for.
 *
 * Source: RFC 6749 section 3.3 (scope); `scopes.json` of the catalogue.
 *
 * @module
 */

import { catalogue } from './catalogue.ts';
import type { Effect, Level, ScopeRule } from './scope-rule.ts';

/** The canonical name of a scope, `level:name`. */
export type ScopeName = `${Level}:${string}`;

/** One row of the catalogue. */
export type Scope = ScopeRule & {
  readonly scope: ScopeName;
  readonly level: Level;
  /** The bare name, which several levels may have. */
  readonly name: string;
  /** For developers; what people read are the catalogue's words. */
  readonly description: string;
  readonly effect: Effect;
  /** Whether a platform published the scope, or it was added to what it published. */
  readonly origin: 'published' | 'extension';
  /** Names that the scope had before, which go on working. */
  readonly formerly?: readonly ScopeName[];
};

/** All scopes in catalogue order. */
export const scopes: readonly Scope[] = catalogue.files['scopes.json'].scopes.map(
  ({ scope: text, origin = 'published', formerly, ...rule }) => {
    const scope = text as ScopeName;
    const [level, name] = scope.split(':') as [Level, string];
    return { scope, level, name, origin, ...(formerly && { formerly }), ...rule } as Scope;
  },
);

/** The canonical names in catalogue order. */
export const scopeNames: readonly ScopeName[] = scopes.map(({ scope }) => scope);

/** The names that scopes had before, with those of today. */
export const formerScopeNames: ReadonlyMap<string, ScopeName> = new Map(
  scopes.flatMap(({ scope, formerly = [] }) => formerly.map((old) => [old, scope])),
);

/** The names by which scopes can be called: those of today, each followed by its former ones. */
export const callableNames: readonly ScopeName[] = scopes.flatMap(withFormer);

function withFormer({ scope, formerly = [] }: Scope): readonly ScopeName[] {
  return [scope, ...formerly];
}

/** OpenID Connect's and OAuth's own scopes, accepted beside the catalogue (OIDC Core 5.4, 11). */
export const oidcScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

const byName: ReadonlyMap<string, Scope> = new Map(
  scopes.flatMap((scope) => withFormer(scope).map((name) => [name, scope])),
);

/** @returns the scope of that name, or that had it before; undefined when the catalogue has none. */
export function findScope(name: string): Scope | undefined {
  return byName.get(name);
}

/**
 * @returns the scope of a name that comes from the catalogue.
 * @throws {RangeError} the catalogue has no such scope.
 */
export function scopeOf(name: ScopeName): Scope {
  const scope = byName.get(name);
  if (scope === undefined) throw new RangeError(`the catalogue has no scope "${name}"`);
  return scope;
}

/** Whether a string is the name of a scope, or was one. */
export function isScopeName(text: string): text is ScopeName {
  return byName.has(text);
}
