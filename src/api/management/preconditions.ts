/**
 * The conditions that a request can make of the thing that it is about.
 *
 *     If-Match: "tag"         only if it is still as it was read
 *     If-Match: *             only if it is there
 *     If-None-Match: "tag"    only if it is not any more as it was read
 *     If-None-Match: *        only if it is not there
 *
 * No request is answered as if it had made none: where there is no tag to compare with, it is refused.
 *
 * Source: RFC 9110 sections 13.1.1, 13.1.2 and 13.2.2 (order); RFC 6585 section 3 (428).
 *
 * @module
 */

import type Koa from 'koa';
import type { NamedInPath } from './path-parameters.ts';
import { ProblemError } from './problems.ts';
import type { Route } from './route.ts';

type Tags = '*' | readonly string[];

/** As the headers say; at least one is there. */
export interface Preconditions {
  readonly match: Tags | undefined;
  readonly noneMatch: Tags | undefined;
}

/** @returns undefined of a request without conditions. */
export function readPreconditions({ headers }: Koa.Context): Preconditions | undefined {
  const match = tagsIn(headers['if-match']);
  const noneMatch = tagsIn(headers['if-none-match']);
  return match === undefined && noneMatch === undefined ? undefined : { match, noneMatch };
}

/** What is no tag matches none. */
function tagsIn(header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined;
  return header.trim() === '*' ? '*' : header.split(',').map((tag) => tag.trim());
}

/** Strong comparison (RFC 9110 section 8.8.3.2). @param tag undefined where nothing is there. */
function holdsMatch(match: Tags | undefined, tag: string | undefined): boolean {
  if (match === undefined) return true;
  return tag !== undefined && (match === '*' || match.includes(tag));
}

/** Weak comparison. */
function holdsNoneMatch(noneMatch: Tags | undefined, tag: string | undefined): boolean {
  if (noneMatch === undefined || tag === undefined) return true;
  return noneMatch !== '*' && !noneMatch.some((one) => one.replace(/^W\//, '') === tag);
}

/**
 * Of a request that reads.
 *
 * @returns whether the answer is that nothing has changed (304).
 * @throws {ProblemError} `precondition-failed`.
 */
export function isUnchanged({ match, noneMatch }: Preconditions, tag: string): boolean {
  if (!holdsMatch(match, tag)) throw new ProblemError('precondition-failed');
  return !holdsNoneMatch(noneMatch, tag);
}

/**
 * Of a request that changes something.
 *
 * @param tag of the thing as it was before; undefined where it was not there.
 * @throws {ProblemError} `precondition-failed`.
 */
export function requireMet({ match, noneMatch }: Preconditions, tag: string | undefined): void {
  if (holdsMatch(match, tag) && holdsNoneMatch(noneMatch, tag)) return;
  throw new ProblemError('precondition-failed');
}

/** Of an address whose state has no tag. */
export function cannotCompare(): ProblemError {
  return new ProblemError('precondition-failed', {
    detail: 'This address has no ETag: send the request without If-Match and If-None-Match.',
  });
}

/** What is inside each: an id of one of these binds the name of what is around it. */
const inside = {
  organizationId: ['databaseId', 'branchId', 'teamId', 'invitationId'],
  databaseId: ['branchId'],
  branchId: [],
  teamId: [],
} as const satisfies Record<keyof NamedInPath['slugs'], readonly string[]>;

/**
 * Names are used again, so a deletion by name could meet another thing than was meant. It takes a tag,
 * or an id that binds the name.
 *
 * @throws {ProblemError} `precondition-required`.
 */
export function requireForDeletion(
  { address, current }: Pick<Route, 'address' | 'current'>,
  { ids, slugs }: NamedInPath,
  conditions: Preconditions | undefined,
): void {
  if (!address.startsWith('DELETE ')) return;
  const names = Object.keys(slugs) as (keyof typeof inside)[];
  const isLoose = names.some((name) => !inside[name].some((inner) => inner in ids));
  if (!isLoose || (current !== undefined && Array.isArray(conditions?.match))) return;
  throw new ProblemError('precondition-required', {
    detail: current === undefined ? byIds : byTag,
  });
}

const byTag = 'Send the ETag of what you read as If-Match, or name it by id.';
const byIds = 'What is deleted here has no ETag: name it by id.';
