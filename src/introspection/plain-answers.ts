/**
 * Answers plain requests in batches: the middle of the fast path.
 *
 * @module
 */

import { type Batcher, createBatcher } from '../lib/batcher.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import { isClientSecret } from '../storage/clients/client-secrets.ts';
import type { Database } from '../storage/engine/database.ts';
import type { PlainAnswer } from './fast-path.ts';
import { introspectPlain, type OnAnswered } from './introspect.ts';
import type { PlainRequest } from './plain-request.ts';

/** More statements at once would make each smaller, and all of them dearer. */
const limits = { inFlight: 2, size: 200 };

/**
 * @param onAnswered hears of each answer to an asker that has proved who it is.
 * @returns a function that answers one request, together with those that arrive beside it.
 */
export function plainAnswers(
  database: Database,
  issuer: string,
  onAnswered?: OnAnswered,
): Batcher<PlainRequest, PlainAnswer> {
  const noteUse = secretUses(database);
  return createBatcher(async (requests) => {
    const questions = requests.map(({ clientId, clientSecret, token, resource, action }) => ({
      asker: clientId,
      secret: clientSecret,
      token,
      resource,
      action,
    }));
    const answered = await introspectPlain(database, questions, issuer, onAnswered);
    return mapWithPauses(answered, ({ answer, isAskerProven }, position) => {
      if (!isAskerProven) return 'invalid_client';
      noteUse(requests[position] as PlainRequest);
      return { json: JSON.stringify(answer) };
    });
  }, limits);
}

/** A question that nobody can have asked, to see whether questions are answered. */
export const probe: PlainRequest = {
  clientId: 'readiness',
  clientSecret: 'none',
  token: 'none',
  resource: undefined,
  action: undefined,
};

const secondMilliseconds = 1_000;
const hourMilliseconds = 3_600_000;
const mostNoted = 1_000;

/** Notes the use of a secret, to the hour as client-secrets.ts does; it decides nothing. */
function secretUses(database: Database): (request: PlainRequest) => void {
  const noted = new Map<string, number>();
  const isNoted = (key: string, now: number) => {
    return now - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < hourMilliseconds;
  };
  let last = { clientId: '', clientSecret: '', at: Number.NEGATIVE_INFINITY };
  return ({ clientId, clientSecret }) => {
    const at = performance.now();
    const isLast = clientId === last.clientId && clientSecret === last.clientSecret;
    if (isLast && at - last.at < secondMilliseconds) return;
    last = { clientId, clientSecret, at };
    const key = `${clientId}\n${clientSecret}`;
    if (isNoted(key, at)) return;
    if (noted.size >= mostNoted) noted.clear();
    noted.set(key, at);
    isClientSecret(database, clientId, clientSecret).catch(() => noted.delete(key));
  };
}
