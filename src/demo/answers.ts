/**
 * What a token may do with each resource, and what changed since it was last asked.
 *
 * @module
 */

import { catalogue } from '../catalogue/catalogue.ts';
import { emptySet, parseScopeSet, type ScopeSet, without } from '../catalogue/scope-set.ts';
import type { ResourceServer } from '../resource-server/resource-server.ts';
import { allResources } from './resources.ts';

/** What was answered about one resource. */
export interface ResourceAnswer {
  readonly effective: ScopeSet;
  /** Of a branch that the token reaches. */
  readonly isProduction: boolean;
}

/** Scopes that came and went on one resource. */
export interface Difference {
  readonly gained: ScopeSet;
  readonly lost: ScopeSet;
}

/** Asks about every resource, one question each, all in one request; by the resource's path. */
export async function askEverywhere(
  resourceServer: ResourceServer,
  token: string,
): Promise<ReadonlyMap<string, ResourceAnswer>> {
  const answers = allResources.map(async ({ path }) => {
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

/**
 * Writes answers down briefly enough for a cookie. What a bit means is the catalogue's affair, so its
 * digest goes first.
 */
export function packAnswers(
  answers: ReadonlyMap<string, ResourceAnswer>,
  digest: string = catalogue.digest,
): string {
  const sets = allResources.map(({ path }) =>
    (answers.get(path)?.effective ?? emptySet).toString(16),
  );
  return [digest, ...sets].join('.');
}

/**
 * Reads what `packAnswers` wrote; by the resource's path.
 *
 * @returns undefined of answers under another catalogue, whose bits mean something else.
 */
export function unpackAnswers(packed: string): ReadonlyMap<string, ScopeSet> | undefined {
  const [digest, ...hexes] = packed.split('.');
  if (digest !== catalogue.digest) return undefined;
  const sets = hexes.map((hex) => BigInt(`0x${hex}`) as ScopeSet);
  return new Map(allResources.map(({ path }, index) => [path, sets[index] ?? emptySet]));
}
