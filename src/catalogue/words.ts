/**
 * The catalogue's words for people.
 *
 * @module
 */

import { catalogue } from './catalogue.ts';
import type { Scope } from './scopes.ts';

const words = catalogue.files['words.en.json'];

/** @returns what the scope lets an application do: a sentence without its subject. */
export function scopeWords({ scope, name }: Pick<Scope, 'scope' | 'name'>): string {
  return words.scopes[scope] ?? words.scopes[name] ?? scope;
}
