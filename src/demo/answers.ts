/**
 * What a token may do in each place, and what changed since it was last asked.
 *
 * @module
 */

import { emptySet, parseScopeSet, type ScopeSet, without } from '../catalogue/scope-set.ts';
import type { ResourceServer } from '../resource-server/resource-server.ts';
import { allPlaces } from './places.ts';

/** What was answered about one place. */
export interface PlaceAnswer {
  readonly effective: ScopeSet;
  /** Of a branch that the token reaches. */
  readonly isProduction: boolean;
}

/** Scopes that came and went in one place. */
export interface Difference {
  readonly gained: ScopeSet;
  readonly lost: ScopeSet;
}

/** Asks about every place, one question each, all in one request; by the place's path. */
export async function askEverywhere(
  resourceServer: ResourceServer,
  token: string,
): Promise<ReadonlyMap<string, PlaceAnswer>> {
  const answers = allPlaces.map(async ({ path }) => {
    const answer = await resourceServer.introspect(token, path);
    const scope = answer.active ? answer.scope : undefined;
    const isProduction = answer.active && answer.resource?.production === true;
    return [path, { effective: parseScopeSet(scope ?? ''), isProduction }] as const;
  });
  return new Map(await Promise.all(answers));
}

/** Compares two sets of effective scopes. */
export function difference(was: ScopeSet, now: ScopeSet): Difference {
  return { gained: without(now, was), lost: without(was, now) };
}

/** Writes answers down briefly enough for a cookie. */
export function packAnswers(answers: ReadonlyMap<string, PlaceAnswer>): string {
  return allPlaces
    .map(({ path }) => (answers.get(path)?.effective ?? emptySet).toString(16))
    .join('.');
}

/** Reads what `packAnswers` wrote; by the place's path. */
export function unpackAnswers(packed: string): ReadonlyMap<string, ScopeSet> {
  const sets = packed.split('.').map((hex) => BigInt(`0x${hex}`) as ScopeSet);
  return new Map(allPlaces.map(({ path }, place) => [path, sets[place] ?? emptySet]));
}
