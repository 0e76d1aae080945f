/**
 * Introspection: what a token may do, decided at the moment of the question.
 *
 *   question ─ form of the token ─ one statement ─ may the asker ask? ─ decisions ─ answer
 *
 * Questions that wait together are answered together; an answer depends on its own question alone.
 * Nothing is kept from one to the next.
 *
 * Source: RFC 7662.
 *
 * @module
 */

import { hasValidChecksum, secretPrefixes, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/database.ts';
import { findEntriesFacts } from '../storage/entry-facts.ts';
import { findResourceFacts, type ResourceQuestion } from '../storage/resource-facts.ts';
import type { TokenQuestion } from '../storage/token-facts.ts';
import { answerOnAll, answerOnResource, type IntrospectionAnswer, inactive } from './answer.ts';
import { parseResource } from './resource-reference.ts';

/** One introspection request of a client that has proved who it is. */
export interface Question {
  /** The id of the client that asks. */
  readonly asker: string;
  /** The token, in clear. */
  readonly token: string;
  /** The `resource` parameter; undefined asks about everything. */
  readonly resource: string | undefined;
}

/** A question whose token can be looked up, and its place among all. */
interface Lookup extends TokenQuestion {
  readonly asker: string;
  readonly place: number;
}

/**
 * Answers questions, each in its place. Not more than two statements: one for the questions that
 * name a resource, one for those that do not.
 *
 * @throws {DatabaseUnavailableError} nothing could be read; no answer is ever invented.
 */
export async function introspect(
  db: Db,
  questions: readonly Question[],
  issuer: string,
): Promise<IntrospectionAnswer[]> {
  const { onResource, onAll } = lookups(questions);
  const resourceFacts = onResource.length > 0 ? await findResourceFacts(db, onResource) : [];
  const entriesFacts = onAll.length > 0 ? await findEntriesFacts(db, onAll) : [];

  const answers = questions.map((): IntrospectionAnswer => inactive);
  for (const [n, { asker, place }] of onResource.entries()) {
    answers[place] = answerOnResource(resourceFacts[n], asker, issuer);
  }
  for (const [n, { asker, place }] of onAll.entries()) {
    answers[place] = answerOnAll(entriesFacts[n], asker, issuer);
  }
  return answers;
}

/** The questions worth looking at. PostgreSQL has no text with a NUL: one would refuse the batch. */
function lookups(questions: readonly Question[]) {
  const onResource: (Lookup & ResourceQuestion)[] = [];
  const onAll: Lookup[] = [];
  for (const [place, { asker, token, resource }] of questions.entries()) {
    if (!isToken(token) || asker.includes('\0')) continue;
    const lookup = { tokenHash: sha256(token), asker, place };
    if (resource === undefined) onAll.push(lookup);
    else onResource.push({ ...lookup, resource: parseResource(resource) });
  }
  return { onResource, onAll };
}

/** What has not the form of a token was never one. */
function isToken(text: string): boolean {
  const { accessToken, refreshToken } = secretPrefixes;
  const isKind = text.startsWith(accessToken) || text.startsWith(refreshToken);
  return isKind && hasValidChecksum(text);
}
