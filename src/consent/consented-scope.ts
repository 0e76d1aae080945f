/**
 * What a new token is issued with: the asked scopes that the user consented to, on whatever
 * resource. Where each of them holds is decided at use.
 *
 * @module
 */

import { intersect, parseScopeSet, type ScopeSet } from '../catalogue/scope-set.ts';
import { type ConsentSummary, findConsent, type Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { type AskedScope, formatAskedScope, parseAskedScope } from './asked-scope.ts';

/** All that one user's consent allows one application. */
export interface ConsentedScope {
  readonly consentId: string;
  /** The version to store with a token that is issued now: later entries will not widen it. */
  readonly version: number;
  /** What the user was asked for and decided about. */
  readonly asked: AskedScope;
  /** The catalogue scopes that were allowed on some resource when the user last consented. */
  readonly given: ScopeSet;
  /** The catalogue scopes that are allowed on at least one resource. */
  readonly scopes: ScopeSet;
  /** Of these what rests on some resource because of its age, until it is consented to again. */
  readonly resting: ScopeSet;
}

/**
 * @param confinedTo the id of the one resource that counts; undefined for all.
 * @returns what the user allowed the application; undefined without a consent. What was allowed on another
 *   resource is not missing on this one: it was never allowed here.
 */
export async function consentedScope(
  db: Db,
  pair: Pair,
  confinedTo?: string,
): Promise<ConsentedScope | undefined> {
  const consent = await findConsent(db, pair, confinedTo);
  return consent && consentedIn(consent, confinedTo);
}

/** @returns the same of a consent that was found for that resource, or for all. */
export function consentedIn(
  consent: ConsentSummary,
  confinedTo: string | undefined,
): ConsentedScope {
  const { id: consentId, version, askedScope, givenScope, scopes, resting } = consent;
  const asked = parseAskedScope(askedScope);
  const given = confinedTo === undefined ? parseScopeSet(givenScope) : scopes;
  return { consentId, version, asked, given, scopes, resting };
}

/**
 * @param asked the request's scope, expanded and canonical.
 * @returns the part of it that a token issued now carries: catalogue scopes that are allowed on some
 *   resource, and OpenID's scopes that the user agreed to; '' when nothing is left.
 */
export function issuedScope(asked: string, consented: ConsentedScope): string {
  const request = parseAskedScope(asked);
  return formatAskedScope({
    openid: request.openid.filter((name) => consented.asked.openid.includes(name)),
    scopes: intersect(request.scopes, consented.scopes),
  });
}
