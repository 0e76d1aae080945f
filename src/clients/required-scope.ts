/**
 * The scopes without which an application is of no use (`required_scope`, an extension of RFC 7591).
 *
 * An application that registered itself cannot require what is dangerous: a person must be able to say
 * no to it, and still use the application.
 *
 * @module
 */

import { isSubset, names, parseScopeSet, type ScopeSet, scopeSet } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';

/** What an application may require that nobody has verified: what looks or changes, beside production. */
export const requirableByAnyone: ScopeSet = scopeSet(
  scopes.filter(isHarmless).map(({ scope }) => scope),
);

function isHarmless(scope: Scope): boolean {
  const isForProduction = scope.actsOn === 'branch' && scope.requires.development === null;
  return (scope.effect === 'see' || scope.effect === 'change') && !isForProduction;
}

/** Its metadata, under the names of RFC 7591. */
interface RequiringMetadata {
  readonly scope?: string | undefined;
  readonly required_scope?: string | undefined;
}

/** @returns what is wrong with it; undefined where nothing is. Begins with the field's name. */
export function findRequiredScopeFault({
  scope,
  required_scope: required,
}: RequiringMetadata): string | undefined {
  if (required === undefined || required === '') return undefined;
  if (scope === undefined) return 'required_scope needs scope, of which it is a part';
  return isSubset(parseScopeSet(required), parseScopeSet(scope))
    ? undefined
    : 'required_scope must be a part of scope';
}

/** @returns what is wrong where the application registers itself; undefined where nothing is. */
export function findUnvouchedFault({
  required_scope: required = '',
}: RequiringMetadata): string | undefined {
  const dangerous = names(parseScopeSet(required)).filter(
    (name) => !isSubset(scopeSet([name]), requirableByAnyone),
  );
  return dangerous.length === 0
    ? undefined
    : `required_scope must not hold ${dangerous.join(' ')}: only an operator can let an application require that`;
}
