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

import { isSameResource } from '../clients/resource-indicators.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import { hasValidChecksum, secretPrefixes } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { answer, type IntrospectionAnswer, inactive } from './answer.ts';
import { type AnyFound, findFacts, type Question } from './question-facts.ts';

/**
 * Hears of an answer, in the middle of many: it must be quick.
 *
 * @param clientId the application that the token is of; undefined where the token is dead.
 */
export type OnAnswered = (
  clientId: string | undefined,
  answer: IntrospectionAnswer,
  question: Question,
) => void;

/** What answers are made with. */
interface Answering {
  readonly issuer: string;
  readonly onAnswered?: OnAnswered | undefined;
}

/** An answer, and whether the one who asked has proved who it is. */
export interface Answered {
  readonly answer: IntrospectionAnswer;
  readonly isAskerProven: boolean;
}

/**
 * Answers questions, in their order. It takes one statement for the questions that name a
 * resource, and one for each fifty tokens that are asked about everything.
 *
 * @throws {DatabaseUnavailableError} nothing could be read; no answer is ever invented.
 */
export async function introspect(
  db: Db,
  questions: readonly Question[],
  issuer: string,
  onAnswered?: OnAnswered,
): Promise<IntrospectionAnswer[]> {
  const worthAsking = questions.map(({ token, asker }) => isToken(token) && !asker.includes('\0'));
  const answered = await answerAll(
    db,
    questions.filter((_, position) => worthAsking[position]),
    { issuer, onAnswered },
  );
  let next = 0;
  return worthAsking.map((isAsked) => (isAsked ? answered[next++]?.answer : undefined) ?? inactive);
}

/**
 * As `introspect`, for askers that still have to prove who they are, by secret; the same statement
 * says whether they do.
 */
export function introspectPlain(
  db: Db,
  questions: readonly (Question & { readonly secret: string })[],
  issuer: string,
  onAnswered?: OnAnswered,
): Promise<Answered[]> {
  return answerAll(db, questions, { issuer, onAnswered });
}

async function answerAll(
  db: Db,
  questions: readonly (Question & { readonly secret?: string })[],
  answering: Answering,
): Promise<Answered[]> {
  const found = await findFacts(db, questions);
  return mapWithPauses(questions, (question, position) =>
    answerOne(question, found[position], answering),
  );
}

/** Answers one question, from what was found for it. */
function answerOne(
  question: Question & { readonly secret?: string },
  found: AnyFound | undefined,
  { issuer, onAnswered }: Answering,
): Answered {
  const { facts, isAskerProven = false } = found ?? {};
  const said = isElsewhere(facts, question) ? inactive : answer(facts, question.asker, issuer);
  // Without a secret in the question, the library has looked at the proof.
  const isProven = isAskerProven || question.secret === undefined;
  if (isProven) onAnswered?.(facts?.clientId, said, question);
  return { answer: said, isAskerProven };
}

/** Whether a token for one address is presented, as the asker says, at another. */
function isElsewhere(facts: AnyFound['facts'], { resource = '' }: Question): boolean {
  const audience = facts?.audience;
  return audience !== undefined && /^https?:/.test(resource) && !isSameResource(audience, resource);
}

/** What has not the form of a token was never one. */
function isToken(text: string): boolean {
  const { accessToken, refreshToken } = secretPrefixes;
  const isKind = text.startsWith(accessToken) || text.startsWith(refreshToken);
  return isKind && hasValidChecksum(text);
}
