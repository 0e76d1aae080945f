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

import { mapWithPauses } from '../lib/pauses.ts';
import { hasValidChecksum, secretPrefixes, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { type EntriesFacts, findEntriesFacts } from '../storage/facts/entry-facts.ts';
import {
  findResourceFacts,
  type ResourceFacts,
  type ResourceQuestion,
} from '../storage/facts/resource-facts.ts';
import type { Found, TokenQuestion } from '../storage/facts/token-facts.ts';
import { answer, type IntrospectionAnswer, inactive } from './answer.ts';
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

/** A question as it is looked up, and the places where it stands among all. */
type Placed<Lookup> = Lookup & { readonly places: number[] };

/** An answer, and whether the one who asked has proved who it is. */
export interface Answered {
  readonly answer: IntrospectionAnswer;
  readonly isAskerProven: boolean;
}

/**
 * Answers questions, each in its place. It takes one statement for the questions that name a
 * resource, and one for each fifty tokens that are asked about everything.
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
  const found = await findFacts(db, questions);
  return mapWithPauses(questions, ({ asker }, place) => {
    const { facts, isAskerProven = false } = found[place] ?? {};
    return { answer: answer(facts, asker, issuer), isAskerProven };
  });
}

type AnyFound = Found<ResourceFacts> | Found<EntriesFacts>;

/** A consent of 500 entries takes the database tens of milliseconds, and a statement has its time. */
const allAtOnce = 50;

/** Looks up what decides, in the place of each question. */
async function findFacts(
  db: Db,
  questions: readonly (Question & { readonly secret?: string })[],
): Promise<AnyFound[]> {
  const onResource: Placed<ResourceQuestion>[] = [];
  const everything = new Map<string, Placed<TokenQuestion>>();
  for (const [place, { asker, token, secret, resource }] of questions.entries()) {
    const lookup = { tokenHash: sha256(token), asker, secret, places: [place] };
    if (resource !== undefined) {
      onResource.push({ ...lookup, resource: parseResource(resource) });
      continue;
    }
    const same = `${token}\n${asker}\n${secret}`;
    const known = everything.get(same);
    if (known === undefined) everything.set(same, lookup);
    else known.places.push(place);
  }
  const found: AnyFound[] = [];
  const put = (some: readonly AnyFound[], lookups: readonly Placed<TokenQuestion>[]) => {
    for (const [index, { places }] of lookups.entries()) {
      for (const place of places) found[place] = some[index] as AnyFound;
    }
  };
  if (onResource.length > 0) put(await findResourceFacts(db, onResource), onResource);
  const onAll = [...everything.values()];
  for (let from = 0; from < onAll.length; from += allAtOnce) {
    const some = onAll.slice(from, from + allAtOnce);
    put(await findEntriesFacts(db, some), some);
  }
  return found;
}

/** What has not the form of a token was never one. */
function isToken(text: string): boolean {
  const { accessToken, refreshToken } = secretPrefixes;
  const isKind = text.startsWith(accessToken) || text.startsWith(refreshToken);
  return isKind && hasValidChecksum(text);
}
