/**
 * Looks up together what questions need that wait together: those that name a resource in one
 * statement, those about everything in one for each fifty tokens. What is found for a question does
 * not depend on the others.
 *
 * @module
 */

import { digestText } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { type EntriesFacts, findEntriesFacts } from '../storage/facts/entry-facts.ts';
import {
  findResourceFacts,
  type ResourceFacts,
  type ResourceQuestion,
} from '../storage/facts/resource-facts.ts';
import type { Found, TokenQuestion } from '../storage/facts/token-facts.ts';
import { parseResource } from './resource-reference.ts';

/** One introspection request of a client that has proved who it is. */
export interface Question {
  /** The id of the client that asks. */
  readonly asker: string;
  /** The token, in clear. */
  readonly token: string;
  /** The `resource` parameter; undefined asks about everything. */
  readonly resource: string | undefined;
  /** The `action` parameter: what the token is used for now. No answer differs by it. */
  readonly action?: string | undefined;
}

/** What was found for a question of either kind. */
export type AnyFound = Found<ResourceFacts> | Found<EntriesFacts>;

/** What is looked up, and the positions of the questions that it is for. */
type Lookup<Of> = Of & { readonly positions: number[] };

interface Lookups {
  readonly onResource: readonly Lookup<ResourceQuestion>[];
  /** The same question about everything, asked often, is looked up once. */
  readonly onEverything: readonly Lookup<TokenQuestion>[];
}

/** A consent of 500 entries takes the database tens of milliseconds, and a statement has its time. */
const allAtOnce = 50;

/** @returns what was found for each question, at its position. */
export async function findFacts(
  db: Db,
  questions: readonly (Question & { readonly secret?: string })[],
): Promise<AnyFound[]> {
  const { onResource, onEverything } = lookupsFor(questions);
  const found: AnyFound[] = [];
  if (onResource.length > 0) put(found, onResource, await findResourceFacts(db, onResource));
  for (let from = 0; from < onEverything.length; from += allAtOnce) {
    const some = onEverything.slice(from, from + allAtOnce);
    put(found, some, await findEntriesFacts(db, some));
  }
  return found;
}

function lookupsFor(questions: readonly (Question & { readonly secret?: string })[]): Lookups {
  const onResource: Lookup<ResourceQuestion>[] = [];
  const onEverything = new Map<string, Lookup<TokenQuestion>>();
  for (const [position, { asker, token, secret, resource }] of questions.entries()) {
    const lookup = { tokenDigest: digestText(token), asker, secret, positions: [position] };
    if (resource !== undefined) {
      onResource.push({ ...lookup, resource: parseResource(resource) });
      continue;
    }
    const same = `${token}\n${asker}\n${secret}`;
    const known = onEverything.get(same);
    if (known === undefined) onEverything.set(same, lookup);
    else known.positions.push(position);
  }
  return { onResource, onEverything: [...onEverything.values()] };
}

function put(
  found: AnyFound[],
  lookups: readonly Lookup<TokenQuestion>[],
  facts: readonly AnyFound[],
): void {
  for (const [index, { positions }] of lookups.entries()) {
    for (const position of positions) found[position] = facts[index] as AnyFound;
  }
}
