/**
 * What a user consented to, for the page where it is looked at and withdrawn.
 *
 * @module
 */

import { emptySet, has, type ScopeSet, union } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';
import type { ApplicationSummary } from '../storage/clients/client-list.ts';
import { type NamedEntry, namedEntriesOf } from '../storage/consents/consent-entries.ts';
import { consentsOf, type ListedConsent } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { parseAskedScope } from './asked-scope.ts';
import { keyOf } from './merge-entries.ts';
import { hasProductionChoice } from './picked-resource.ts';

/** One application, with all that it was allowed. */
export interface GivenConsent {
  readonly application: ApplicationSummary;
  /** OpenID's scopes that were agreed to. */
  readonly openid: readonly string[];
  readonly resources: readonly ConsentedResource[];
  readonly createdAt: Date;
  /** When it ends; undefined where only removal ends it. */
  readonly expiresAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

/** One resource of a consent, whatever number of times it was picked. */
interface ConsentedResource {
  readonly level: Scope['level'];
  /** The names now, such as `acme/shop/main`; '' for the user's own account. */
  readonly path: string;
  /** Of an organization and a database: whether production branches are included, in whatever part. */
  readonly includesProduction: boolean | undefined;
  readonly scopes: readonly Scope[];
  /** Of these what rests, older than the organization lets it grow, until it is consented to again. */
  readonly resting: readonly Scope[];
}

/** @returns the consents of an account by application name, resources by level and path. */
export async function listConsents(db: Db, accountId: string): Promise<GivenConsent[]> {
  const consents = await consentsOf(db, accountId);
  const entries = Map.groupBy(await namedEntriesOf(db, accountId), ({ consentId }) => consentId);
  return consents.map((consent) => toGiven(consent, entries.get(consent.id) ?? []));
}

function toGiven(consent: ListedConsent, entries: readonly NamedEntry[]): GivenConsent {
  const { application, askedScope, createdAt, expiresAt, lastUsedAt } = consent;
  const { openid } = parseAskedScope(askedScope);
  const byResource = Map.groupBy(entries, ({ resource }) => keyOf(resource));
  const resources = Array.from(byResource.values(), toResource).filter((one) => one !== undefined);
  return { application, openid, resources, createdAt, expiresAt, lastUsedAt };
}

function toResource(entries: readonly NamedEntry[]): ConsentedResource | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  const sum = (some: readonly NamedEntry[]) =>
    some.map((entry) => entry.scopes).reduce<ScopeSet>(union, emptySet);
  const all = sum(entries);
  const awake = sum(entries.filter(({ rests }) => rests !== true));
  return {
    level: first.level,
    path: first.path,
    includesProduction: hasProductionChoice(first)
      ? entries.some((entry) => entry.includesProduction)
      : undefined,
    scopes: scopes.filter(({ scope }) => has(all, scope)),
    resting: scopes.filter(({ scope }) => has(all, scope) && !has(awake, scope)),
  };
}
