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

type ResourceLookup = Lookup & ResourceQuestion;

/** An answer, and whether the one who asked has proved who it is. */
export interface Answered {
  readonly answer: IntrospectionAnswer;
  readonly isAskerProven: boolean;
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
  const worthAsking = questions.map(({ token, asker }) => isToken(token) && !asker.includes('\0'));
  const answered = await answerAll(
    db,
    questions.filter((_, place) => worthAsking[place]),
    issuer,
  );
  let next = 0;
  return worthAsking.map((isAsked) => (isAsked ? answered[next++]?.answer : undefined) ?? inactive);
}

/**
 * As `introspect`, for askers that still have to prove who they are, by secret; the same statement
 * tells whether they do.
 */
export function introspectPlain(
  db: Db,
  questions: readonly (Question & { readonly secret: string })[],
  issuer: string,
): Promise<Answered[]> {
  return answerAll(db, questions, issuer);
}

async function answerAll(
  db: Db,
  questions: readonly (Question & { readonly secret?: string })[],
  issuer: string,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  const { onResource, onAll } = lookups(questions);
  if (onResource.length > 0) {
    for (const [index, found] of (await findResourceFacts(db, onResource)).entries()) {
      const { asker, place } = onResource[index] as ResourceLookup;
      const { facts, isAskerProven } = found;
      answers[place] = { answer: answerOnResource(facts, asker, issuer), isAskerProven };
    }
  }
  if (onAll.length > 0) {
    for (const [index, found] of (await findEntriesFacts(db, onAll)).entries()) {
      const { asker, place } = onAll[index] as Lookup;
      const { facts, isAskerProven } = found;
      answers[place] = { answer: answerOnAll(facts, asker, issuer), isAskerProven };
    }
  }
  return answers;
}

/** The questions by whether they name a resource. */
function lookups(questions: readonly (Question & { readonly secret?: string })[]) {
  const onResource: ResourceLookup[] = [];
  const onAll: Lookup[] = [];
  for (const [place, { asker, token, secret, resource }] of questions.entries()) {
    const lookup = { tokenHash: sha256(token), asker, secret, place };
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
