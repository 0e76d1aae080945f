/**
 * Answers plain requests in batches: the middle of the fast path.
 *
 * @module
 */

import type { Database } from '../storage/database.ts';
import { createBatcher } from './batcher.ts';
import type { PlainAnswer } from './fast-path.ts';
import { introspectPlain } from './introspect.ts';
import type { PlainRequest } from './plain-request.ts';

/** More statements at once would make each smaller, and all of them dearer. */
const limits = { inFlight: 2, size: 200 };

/** @returns a function that answers one request, together with those that arrive beside it. */
export function plainAnswers(
  database: Database,
  issuer: string,
): (request: PlainRequest) => Promise<PlainAnswer> {
  return createBatcher(async (requests) => {
    const questions = requests.map(({ clientId, clientSecret, token, resource }) => ({
      asker: clientId,
      secret: clientSecret,
      token,
      resource,
    }));
    const answered = await introspectPlain(database, questions, issuer);
    return answered.map(({ answer, isAskerProven }) =>
      isAskerProven ? { json: JSON.stringify(answer) } : 'invalid_client',
    );
  }, limits);
}
