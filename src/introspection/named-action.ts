/**
 * The `action` parameter of an introspection request: what the resource server is about to do with the
 * token, so that what is used of a consent can be distinguished from what is not. No answer differs by it.
 *
 *   database:read_branches     a scope, by its canonical name
 *   read_branches              a scope of that name, at every level that has it
 *   create_branches            a permission: whichever scopes give it
 *   none                       nothing is done: a list of what could be, or another question follows
 *
 * Several are separated by spaces. Words that mean nothing here are passed over: a resource server may
 * know scopes that this catalogue does not have yet.
 *
 * @module
 */

import { meaningOf } from '../catalogue/expand-scope.ts';
import { permissionNames } from '../catalogue/permission-set.ts';
import { type PermissionId, permissionIds } from '../catalogue/permissions.ts';
import { emptySet, isEmpty, type ScopeSet, scopeSet, union } from '../catalogue/scope-set.ts';
import { scopes } from '../catalogue/scopes.ts';
import { requirement, targetKinds } from '../decisions/target-kinds.ts';

/** In characters; a longer one says nothing. */
const longest = 1_000;
const remembered = 1_000;
const nothing = 'none';

/**
 * @param action undefined where the resource server did not say.
 * @returns the scopes that it may be about; none for an action that does nothing; undefined where
 *   nobody can say.
 */
export function scopesFor(action: string | undefined): ScopeSet | undefined {
  if (action === undefined || action.length > longest) return undefined;
  const known = meanings.get(action);
  if (known !== undefined) return known === 'unknown' ? undefined : known;
  const meant = read(action);
  if (meanings.size >= remembered) meanings.clear();
  meanings.set(action, meant ?? 'unknown');
  return meant;
}

/** Reading is pure, and the same few actions pass by on every request. */
const meanings = new Map<string, ScopeSet | 'unknown'>();

function read(action: string): ScopeSet | undefined {
  if (action === nothing) return emptySet;
  const meant = action.split(' ').map(meaningOfWord).reduce(union, emptySet);
  return isEmpty(meant) ? undefined : meant;
}

function meaningOfWord(word: string): ScopeSet {
  return union(meaningOf(word) ?? emptySet, scopesGiving.get(word) ?? emptySet);
}

/** By permission, the scopes that require it somewhere. */
const scopesGiving: ReadonlyMap<string, ScopeSet> = new Map(
  permissionIds.map((permission) => [permission, scopesRequiring(permission)]),
);

function scopesRequiring(permission: PermissionId): ScopeSet {
  const requiring = scopes.filter((scope) =>
    targetKinds.some((kind) => {
      const needed = requirement(scope, kind);
      return needed !== null && permissionNames(needed).includes(permission);
    }),
  );
  return scopeSet(requiring.map(({ scope }) => scope));
}
