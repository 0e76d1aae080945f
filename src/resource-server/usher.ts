/**
 * The questions to Usher: what a token is and may do, and whether it permits something.
 *
 * Those that wait together travel together. One alone about a token is an introspection request as
 * any server understands it.
 *
 * Source: RFC 7662 section 2.1, AuthZEN Authorization API 1.0 section 7 (evaluations).
 *
 * @module
 */

import { createBatches } from './batches.ts';
import { type Connection, createConnection } from './connection.ts';
import { type Decision, readDecision } from './decision.ts';
import { ResourceServerError } from './errors.ts';
import type { CheckedOptions } from './options.ts';
import {
  type AnsweredResource,
  isRecord,
  malformed,
  readAnswer,
  type TokenAnswer,
} from './token-answer.ts';

/** Every function throws a ResourceServerError when there is no answer to rely on. */
export interface Usher {
  /**
   * What a token may do on a resource; `no_resource` where none is named.
   *
   * @param action what it is about to do, for Usher's count of what is used; it changes no answer.
   */
  introspect(token: string, resource: string | undefined, action?: string): Promise<TokenAnswer>;
  /** What a token is and may do on anything at all. */
  overview(token: string): Promise<TokenAnswer>;
  /** Whether a token permits something on a resource that an answer named. */
  decide(token: string, permission: string, resource: AnsweredResource): Promise<Decision>;
  close(): void;
}

interface TokenQuestion {
  readonly token: string;
  readonly resource: string;
  readonly action?: string;
}

/** The action of a question after which nothing is done, or by another question only. */
export const noAction = 'none';

interface Evaluation {
  readonly subject: { readonly type: 'access_token'; readonly id: string };
  readonly action: { readonly name: string };
  readonly resource: { readonly type: string; readonly id: string };
}

/** Of a token and of a name, in characters: one that is longer must not spoil a batch of others. */
const maximumLength = 1_000;

/** Sends nothing yet. */
export function reachUsher(options: CheckedOptions): Usher {
  const { issuer, timeoutMilliseconds, maximumInFlight } = options;
  const connection = createConnection(options);
  const limits = { timeoutMilliseconds, maximumInFlight, maximumInBatch: 100 };
  const askAboutToken = createBatches<TokenQuestion, unknown>({
    keyOf: ({ token, resource, action }) => JSON.stringify([token, resource, action]),
    ask: (questions, signal) => askAboutTokens(connection, questions, signal),
    ...limits,
  });
  const askAboutAll = createBatches<string, unknown>({
    keyOf: (token) => token,
    ask: async ([token = ''], signal) => [
      await askAlone(connection, { token, action: noAction }, signal),
    ],
    ...limits,
    maximumInBatch: 1,
  });
  const evaluate = createBatches<Evaluation, unknown>({
    keyOf: (evaluation) => JSON.stringify(evaluation),
    ask: (evaluations, signal) => askForDecisions(connection, evaluations, signal),
    ...limits,
  });

  return {
    async introspect(token, resource, action) {
      if (typeof resource !== 'string' || resource === '') {
        throw new ResourceServerError('no_resource', 'no resource is named, so nothing was asked');
      }
      if (token === '' || token.length > maximumLength) return { active: false };
      // A name that is too long is the name of nothing, as this one is.
      const name = resource.length > maximumLength ? 'nothing' : resource;
      const question = { token, resource: name, ...(action && { action }) };
      return readAnswer(await askAboutToken(question), issuer, name);
    },
    async overview(token) {
      if (token === '' || token.length > maximumLength) return { active: false };
      return readAnswer(await askAboutAll(token), issuer, 'user');
    },
    async decide(token, permission, { type, identifier }) {
      const evaluation: Evaluation = {
        subject: { type: 'access_token', id: token },
        action: { name: permission },
        resource: { type, id: type === 'user' ? 'user' : identifier },
      };
      return readDecision(await evaluate(evaluation));
    },
    close: connection.close,
  };
}

async function askAboutTokens(
  connection: Connection,
  questions: readonly TokenQuestion[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const [first] = questions;
  if (questions.length === 1 && first !== undefined) {
    return [await askAlone(connection, { ...first }, signal)];
  }
  const body = JSON.stringify({ questions });
  const message = { path: '/access/v1/introspections', type: 'application/json', body } as const;
  return answersIn(await connection.post(message, signal), 'answers', questions.length);
}

function askAlone(
  { post }: Connection,
  question: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const type = 'application/x-www-form-urlencoded';
  const body = new URLSearchParams(question).toString();
  return post({ path: '/oauth/introspect', type, body }, signal);
}

async function askForDecisions(
  { post }: Connection,
  evaluations: readonly Evaluation[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const body = JSON.stringify({ evaluations });
  const message = { path: '/access/v1/evaluations', type: 'application/json', body } as const;
  return answersIn(await post(message, signal), 'evaluations', evaluations.length);
}

function answersIn(json: unknown, property: string, count: number): readonly unknown[] {
  const answers = isRecord(json) ? json[property] : undefined;
  if (Array.isArray(answers) && answers.length === count) return answers;
  throw malformed('there is not one answer for each question');
}
