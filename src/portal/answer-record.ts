/**
 * Counts the answers about an application's tokens: how often they were live, and why one got nothing.
 *
 * @module
 */

import type { IntrospectionAnswer } from '../introspection/answer.ts';
import type { OnAnswered } from '../introspection/introspect.ts';
import type { Question } from '../introspection/question-facts.ts';
import type { FlowFault } from './flow-faults.ts';
import type { FlowRecord } from './flow-record.ts';

/** @returns what hears of each answer. */
export function answerRecord({ note, noteDeadToken }: FlowRecord): OnAnswered {
  return (clientId, answer, question) => {
    if (clientId === undefined) {
      noteDeadToken(question.token);
      return;
    }
    const reason = denialIn(answer, question);
    const kind = reason === undefined ? 'token_checked' : 'token_denied';
    note({ clientId, kind, reason, isKnown: true, isOnlyCounted: true });
  };
}

/** Why an answer gives nothing; undefined where it gives something, or nothing certain was asked. */
function denialIn(answer: IntrospectionAnswer, { resource }: Question): FlowFault | undefined {
  if (!answer.active) return 'token-not-yours';
  if (resource === undefined || answer.scope !== undefined) return undefined;
  if (answer.below !== undefined && answer.below.length > 0) return undefined;
  return answer.resource === undefined ? 'resource-not-allowed' : 'role-too-low';
}
