/**
 * What an answer lets an application use: on the resource that was asked about, or on each that the answer
 * lists. Whoever asked about everything may touch any of them, so all count as used: to keep what is not
 * needed is a smaller mistake than to take what is. Where the asker says what for, only that counts, and
 * only where the answer allows it: what it does not allow is refused, and nothing was used.
 *
 * Of a person's own account nothing counts: no organization is concerned.
 *
 * @module
 */

import {
  intersect,
  isEmpty,
  parseScopeSet,
  type ScopeSet,
  scopeSet,
  union,
} from '../catalogue/scope-set.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import { printId } from '../lib/ids.ts';
import type { ResourceFacts } from '../storage/facts/resource-facts.ts';
import type { IntrospectionAnswer } from './answer.ts';
import { scopesFor } from './named-action.ts';
import type { Question } from './question-facts.ts';

/** An application did something, or may have, with what a person allowed it. */
export interface Use {
  readonly clientId: string;
  /** The person's printed id. */
  readonly sub: string;
  /** The printed id of an organization, a database or a branch. */
  readonly identifier: string;
  /** The scopes that were used, one or more; undefined where nobody said what for. */
  readonly scopes: ScopeSet | undefined;
}

/** Hands to `count` that a token was let use these scopes on the resource of these facts. */
export function countUseOf(
  { clientId, accountId, target }: ResourceFacts,
  scopes: ScopeSet,
  count: (use: Use) => void,
): void {
  if (target === undefined || target.resource.type === 'user') return;
  const identifier = printId(target.resource.type, target.resource.id);
  count({ clientId, sub: printId('user', accountId), identifier, scopes });
}

/** Hands each use to `count`; none where the application asks about itself, or got nothing. */
export function eachUse(
  answer: IntrospectionAnswer,
  { asker, action }: Question,
  count: (use: Use) => void,
): void {
  if (!answer.active || answer.client_id === asker) return;
  const { client_id: clientId, sub, scope, below, resource, authorization_details } = answer;
  const wanted = scopesFor(action);
  const note = (identifier: string, text: string | undefined, names: readonly ScopeName[]) => {
    if (text === undefined && names.length === 0) return;
    const scopes = wanted && intersect(wanted, union(parseScopeSet(text ?? ''), scopeSet(names)));
    if (scopes === undefined || !isEmpty(scopes)) count({ clientId, sub, identifier, scopes });
  };
  if (resource !== undefined) {
    if (resource.type !== 'user') note(resource.identifier, scope, below ?? []);
    return;
  }
  for (const { level, identifier, actions } of authorization_details ?? []) {
    if (level !== 'user') note(identifier, undefined, actions);
  }
}
