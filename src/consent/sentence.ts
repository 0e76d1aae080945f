/**
 * The sentence about a consent: of what a page would make of it, and of what is stored.
 *
 *     entries -> the resources that the user sees, roles and policies now -> `consentSentence`
 *
 * Nothing is written.
 *
 * @module
 */

import { noCeiling } from '../decisions/policy.ts';
import { type ConsentSentence, consentSentence } from '../sentence/consent-sentence.ts';
import type { ChosenEntry } from '../sentence/holding.ts';
import { type ApplicationSummary, findApplication } from '../storage/clients/client-list.ts';
import { entriesOf, type NewEntry } from '../storage/consents/consent-entries.ts';
import { findConsent, type Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { isWithin } from './confines.ts';
import {
  consentFactsOn,
  type GrantabilityFacts,
  loadGrantabilityFacts,
  type Pickable,
} from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { decide, type SubmittedConsent } from './record.ts';
import { seenResources } from './seen-resources.ts';

/**
 * The sentence about the whole consent as it would be after submitting this choice now; where it is
 * confined to a resource, about what is allowed there.
 *
 * @throws {ConsentRefusedError} the submit would be refused; `code` says why.
 */
export async function previewConsent(
  db: Db,
  submitted: SubmittedConsent,
): Promise<ConsentSentence> {
  const consent = await findConsent(db, submitted);
  const { entries, confines } = await decide(db, submitted, consent);
  const there = entries.filter(({ resource }) => isWithin(confines, resource));
  return sentenceAbout(db, submitted, there);
}

/** @returns the sentence about the stored consent; undefined where there is none. */
export async function sentenceOfConsent(db: Db, pair: Pair): Promise<ConsentSentence | undefined> {
  const consent = await findConsent(db, pair);
  return consent && sentenceAbout(db, pair, await entriesOf(db, consent.id));
}

async function sentenceAbout(
  db: Db,
  { accountId, clientId }: Pair,
  entries: readonly NewEntry[],
): Promise<ConsentSentence> {
  const application = await findApplication(db, clientId, accountId);
  if (application === undefined) throw new Error('a consent without its application');
  const seen = await seenResources(
    db,
    accountId,
    entries.map(({ resource }) => resource),
  );
  const facts = await factsOf(db, accountId, application, entries);
  return consentSentence(
    entries.map((entry) => chosenEntry(entry, seen.get(keyOf(entry.resource)), facts)),
  );
}

function factsOf(
  db: Db,
  accountId: string,
  application: ApplicationSummary,
  entries: readonly NewEntry[],
): Promise<GrantabilityFacts> {
  const organizations = entries.flatMap(({ resource }) => resource.organizationId ?? []);
  return loadGrantabilityFacts(db, accountId, application, [...new Set(organizations)]);
}

/** What the user does not see (any more) gives nothing now, but could again. */
function chosenEntry(
  entry: NewEntry,
  resource: Pickable | undefined,
  facts: GrantabilityFacts,
): ChosenEntry {
  const { level } = entry;
  if (resource === undefined) {
    const candidate = candidateWithoutRoles(entry);
    return {
      name: { level, path: '' },
      entry,
      candidate,
      membership: undefined,
      policy: noCeiling,
    };
  }
  const { candidate, membership, policy } = consentFactsOn(resource, facts);
  return { name: { level, path: pathOf(resource) }, entry, candidate, membership, policy };
}

/** A branch may have become one of production since: nothing is promised about one that is not seen. */
function candidateWithoutRoles({ level }: NewEntry): ChosenEntry['candidate'] {
  const databaseRoles = { direct: undefined, team: false };
  switch (level) {
    case 'user':
      return { type: 'user' };
    case 'organization':
      return { type: 'organization', databases: [] };
    case 'database':
      return { type: 'database', databaseRoles };
    case 'branch':
      return { type: 'branch', databaseRoles, production: true };
  }
}

/** `acme/shop/main`, as the page names resources; '' for the account. */
function pathOf(resource: Pickable): string {
  if (resource.level === 'user') return '';
  const { organization } = resource;
  if (resource.level === 'organization') return organization.slug;
  const database = `${organization.slug}/${resource.database.slug}`;
  return resource.level === 'branch' ? `${database}/${resource.branch.slug}` : database;
}
