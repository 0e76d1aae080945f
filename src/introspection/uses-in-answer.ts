/**
 * What an answer lets an application use: on the resource that was asked about, or on each that the answer
 * lists. Whoever asked about everything may touch any of them, so all count as used: to keep what is not
 * needed is a smaller mistake than to take what is.
 *
 * Of a person's own account nothing counts: no organization is concerned.
 *
 * @module
 */

import type { IntrospectionAnswer } from './answer.ts';
import type { Question } from './question-facts.ts';

/** An application did something, or may have, with what a person allowed it. */
export interface Use {
  readonly clientId: string;
  /** The person's printed id. */
  readonly sub: string;
  /** The printed id of an organization, a database or a branch. */
  readonly identifier: string;
}

/** Hands each use to `count`; none where the application asks about itself, or got nothing. */
export function eachUse(
  answer: IntrospectionAnswer,
  { asker }: Question,
  count: (use: Use) => void,
): void {
  if (!answer.active || answer.client_id === asker) return;
  const { client_id: clientId, sub, scope, below, resource, authorization_details } = answer;
  if (resource !== undefined) {
    const isGiven = scope !== undefined || (below !== undefined && below.length > 0);
    if (isGiven && resource.type !== 'user')
      count({ clientId, sub, identifier: resource.identifier });
    return;
  }
  for (const { level, identifier } of authorization_details ?? []) {
    if (level !== 'user') count({ clientId, sub, identifier });
  }
}
