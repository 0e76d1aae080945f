/**
 * What scopes do to people and data, by the catalogue's `effect`.
 *
 * @module
 */

import type { Effect } from '../catalogue/scope-rule.ts';
import { type ScopeSet, scopeSet } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';

export type { Effect };

/** Most dangerous first: the order in which effects are named to people. */
export const effects: readonly Effect[] = ['secrets', 'delete', 'people', 'change', 'see'];

/** @returns what the scope does. */
export function effectOf({ effect }: Scope): Effect {
  return effect;
}

/** The scopes with each effect. */
export const scopesOfEffect: Readonly<Record<Effect, ScopeSet>> = {
  secrets: withEffect('secrets'),
  delete: withEffect('delete'),
  people: withEffect('people'),
  change: withEffect('change'),
  see: withEffect('see'),
};

function withEffect(effect: Effect): ScopeSet {
  return scopeSet(scopes.filter((scope) => effectOf(scope) === effect).map(({ scope }) => scope));
}
