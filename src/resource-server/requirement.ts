/**
 * What a route requires: scopes by their canonical names, all of them or any of them.
 *
 * @module
 */

/** Made by `allOf` and `anyOf`. */
export interface ScopeRequirement {
  readonly every: boolean;
  readonly scopes: readonly string[];
}

/**
 * Requires all of these scopes.
 *
 * @throws {TypeError} a name is not of the form `level:name`, or there is none.
 */
export function allOf(...scopes: readonly string[]): ScopeRequirement {
  return { every: true, scopes: checked(scopes) };
}

/**
 * Requires one of these scopes. A refusal asks for the first, so name the narrowest first.
 *
 * @throws {TypeError} a name is not of the form `level:name`, or there is none.
 */
export function anyOf(...scopes: readonly string[]): ScopeRequirement {
  return { every: false, scopes: checked(scopes) };
}

/** @returns what has to be added to what is held; nothing when the requirement is met. */
export function missingScopes(
  { every, scopes }: ScopeRequirement,
  held: readonly string[],
): readonly string[] {
  const missing = scopes.filter((scope) => !held.includes(scope));
  if (every) return missing;
  return missing.length < scopes.length ? [] : missing.slice(0, 1);
}

function checked(scopes: readonly string[]): readonly string[] {
  if (scopes.length === 0) throw new TypeError('a requirement names at least one scope');
  for (const scope of scopes) {
    if (typeof scope !== 'string' || !/^(user|organization|database|branch):[a-z_]+$/.test(scope)) {
      throw new TypeError(`"${scope}" is no scope: write it as "level:name"`);
    }
  }
  return [...scopes];
}
