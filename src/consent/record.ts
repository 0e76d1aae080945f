/**
 * Stores what the user decided on the consent page, all of it or nothing.
 *
 *     hold the application -> lock the pair's consent -> check every pick against the live roles -> merge -> store -> audit ->
 *       a mail about what is reached for the first time (first-reach.ts)
 *
 * The form is only a wish: the request comes from the server's own store, and what is picked counts
 * as far as the user's roles and the organizations' policies give it inside this transaction. What
 * is allowed on a resource may be kept even where the role does not give it now: it is of no effect
 * until the role returns, as the page says, and nothing is added by it.
 *
 * Without production branches nothing is stored that could act on nothing else.
 *
 * A consent has at most so many entries (`mostEntries`); one that has more from before works on and
 * may change, but not grow.
 *
 * What the application requires must be given on at least one resource (required.ts).
 *
 * Where scopes of the catalogue are asked, at least one of them must be allowed on some resource
 * afterwards: an application that gets nothing is refused by Cancel, not by an empty consent. Where
 * only OpenID's scopes are asked there is nothing to pick.
 *
 * @module
 */

import { formatScope, intersect, isEmpty, type ScopeSet } from '../catalogue/scope-set.ts';
import type { Origin } from '../storage/audit/audit-log.ts';
import { type ApplicationSummary, findApplication } from '../storage/clients/client-list.ts';
import type { AddressedResource } from '../storage/clients/resource-servers.ts';
import { holdForConsent } from '../storage/clients/shut-outs.ts';
import { endConsentAfter } from '../storage/consents/consent-end.ts';
import {
  addEntries,
  deleteEntries,
  entriesOf,
  type NewEntry,
  type ResourceKey,
  renewEntries,
  type StoredEntry,
  shrinkEntries,
} from '../storage/consents/consent-entries.ts';
import { type Consent, lockConsent, type Pair, saveConsent } from '../storage/consents/consents.ts';
import { brokeConstraint, type Db, type Work } from '../storage/engine/database.ts';
import { holdMemberships } from '../storage/tree/resource-lookup.ts';
import { formatAskedScope, parseAskedScope, unionOfAsked } from './asked-scope.ts';
import { auditConsent } from './audit-consent.ts';
import { checkPicks, scopesOf } from './check-picks.ts';
import { type Confines, findConfines, isWithin } from './confines.ts';
import { ConsentRefusedError } from './consent-refused-error.ts';
import { mostEntries } from './entry-limit.ts';
import { mailFirstReach } from './first-reach.ts';
import { type Lifetime, lifetimeSeconds } from './lifetime.ts';
import { afterChanges, type EntryChanges, mergeEntries } from './merge-entries.ts';
import type { PickedResource } from './picked-resource.ts';
import { missingRequired, requiredScopes } from './required.ts';
import { widenedScopes } from './widened.ts';

/** A submitted consent page. */
export interface SubmittedConsent extends Pair {
  /** The request's scope from the server's own store, expanded and canonical. */
  readonly asked: string;
  /** The asked scopes that the page was about; all, unless only what is new was asked. */
  readonly decided?: ScopeSet;
  readonly picks: readonly PickedResource[];
  /** The resources with entries that the page showed: not picked means removed. */
  readonly shown: readonly ResourceKey[];
  /** The request said `single_resource`: at most one resource beside the account is picked. */
  readonly isSingle?: boolean | undefined;
  /** The resource that the resource server's address names: nothing outside of it is picked. */
  readonly addressed?: AddressedResource | undefined;
  /** For how long, counted from now; undefined keeps the end that there is. */
  readonly lifetime?: Lifetime | undefined;
  readonly origin?: Origin | undefined;
  /** The language of the user's pages, for a mail about it. */
  readonly locale?: string | undefined;
}

/** The consent as it is now. */
export interface RecordedConsent {
  readonly consentId: string;
  readonly version: number;
}

/** Hears, before anything is stored, which scopes the decision gives beyond what holds; may throw. */
type OnWidened = (scopes: ScopeSet) => void;

/**
 * Records a consent in one transaction.
 *
 * @param onWidened what it throws is thrown on, and nothing is stored.
 * @throws {ConsentRefusedError} nothing was stored; `code` says why.
 */
export function recordConsent(
  work: Work,
  submitted: SubmittedConsent,
  onWidened?: OnWidened,
): Promise<RecordedConsent> {
  return refusing(() => work.run((tx) => record(tx, submitted, onWidened)));
}

/**
 * Records a consent and answers the request that asked for it, both or neither.
 *
 * @param answer answers the request; false when somebody was first, then nothing is recorded.
 * @throws {ConsentRefusedError} nothing was stored, and the request still waits; `code` says why.
 */
export function recordFirstConsent(
  work: Work,
  submitted: SubmittedConsent,
  answer: (tx: Db) => Promise<boolean>,
): Promise<RecordedConsent | undefined> {
  return refusing(() =>
    work.run(async (tx) => ((await answer(tx)) ? record(tx, submitted) : undefined)),
  );
}

async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // A picked resource was deleted between the check and the insert.
    if (brokeConstraint(error, '23503')) {
      throw new ConsentRefusedError('resource_unknown', { cause: error });
    }
    throw error;
  }
}

async function record(
  tx: Db,
  submitted: SubmittedConsent,
  onWidened?: OnWidened,
): Promise<RecordedConsent> {
  const asked = parseAskedScope(submitted.asked);
  await holdForConsent(tx, submitted.clientId); // before the consent, as whoever changes a client does
  const consent = await lockConsent(tx, submitted);
  await holdMemberships(tx, submitted.accountId);
  const decided = await decide(tx, submitted, consent);
  const { stored, changes, entries, version } = decided;
  const { lifetime } = submitted;
  const { expiresAt } = consent;
  onWidened?.(widenedScopes({ before: stored, after: entries, expiresAt, lifetime }));

  const before = parseAskedScope(consent.askedScope);
  const after = {
    id: consent.id,
    version,
    askedScope: formatAskedScope(unionOfAsked(before, asked)),
    givenScope: formatScope(scopesOf(entries)),
  };
  await saveConsent(tx, after);
  if (lifetime !== undefined) {
    await endConsentAfter(tx, consent.id, lifetimeSeconds(lifetime));
  }
  await deleteEntries(tx, consent.id, changes.removed);
  await shrinkEntries(tx, consent.id, changes.shrunk);
  await renewEntries(tx, consent.id, changes.renewed);
  await addEntries(tx, consent.id, submitted.accountId, changes.added);
  await auditConsent(tx, submitted, {
    action: 'consent.recorded',
    before: { askedScope: consent.askedScope, entries: stored },
    after: { askedScope: after.askedScope, entries, lifetime },
  });
  const { accountId, clientId, locale } = submitted;
  await mailFirstReach(tx, {
    accountId,
    clientId,
    consentId: consent.id,
    application: decided.application.name,
    before: stored,
    after: entries,
    locale,
  });
  return { consentId: consent.id, version };
}

/** What a submitted page comes to, once it is checked. */
interface Decided {
  readonly application: ApplicationSummary;
  readonly stored: readonly StoredEntry[];
  readonly changes: EntryChanges;
  /** All entries of the consent afterwards. */
  readonly entries: readonly NewEntry[];
  readonly version: number;
  /** Where what is picked is confined to. */
  readonly confines: Confines | undefined;
}

/**
 * Decides about a submitted page and writes nothing.
 *
 * @param consent the pair's; undefined where there is none yet.
 * @throws {ConsentRefusedError} as `recordConsent`, but for what only a write can find.
 */
export async function decide(
  db: Db,
  submitted: SubmittedConsent,
  consent: Pick<Consent, 'id' | 'version'> | undefined,
): Promise<Decided> {
  const { picks, shown } = submitted;
  if (picks.length > mostEntries) throw new ConsentRefusedError('too_many_entries');
  const isOfAccount = ({ level }: ResourceKey) => level === 'user';
  if (submitted.isSingle && picks.filter((pick) => !isOfAccount(pick)).length > 1) {
    throw new ConsentRefusedError('several_resources');
  }
  const { scopes: asked } = parseAskedScope(submitted.asked);
  const { decided = asked } = submitted;
  const confines = await confinesOf(db, submitted);
  const stored = consent === undefined ? [] : await entriesOf(db, consent.id);
  const application = await findApplication(db, submitted.clientId, submitted.accountId);
  if (application === undefined) throw new Error('a consent without its application');
  const within = { ...submitted, asked: decided, confines };
  const checked = await checkPicks(db, application, within, stored);
  const version = (consent?.version ?? 0) + 1;
  const changes = mergeEntries(stored, { asked: decided, picks: checked, shown, version });
  const entries = afterChanges(stored, changes);
  if (entries.length > Math.max(mostEntries, stored.length)) {
    throw new ConsentRefusedError('too_many_entries');
  }
  const given = scopesOf(entries.filter(({ resource }) => isWithin(confines, resource)));
  if (!isEmpty(asked) && isEmpty(intersect(given, asked))) {
    throw new ConsentRefusedError('nothing_picked');
  }
  const missing = missingRequired(requiredScopes(application, asked), given);
  if (missing.length > 0) throw new ConsentRefusedError('required_missing', { scopes: missing });
  return { application, stored, changes, entries, version, confines };
}

/** @throws {ConsentRefusedError} `resource_unknown`: the user sees no such resource. */
async function confinesOf(
  db: Db,
  { accountId, addressed }: Pick<SubmittedConsent, 'accountId' | 'addressed'>,
): Promise<Confines | undefined> {
  if (addressed === undefined) return undefined;
  const confines = await findConfines(db, accountId, addressed);
  if (confines.resource === undefined) throw new ConsentRefusedError('resource_unknown');
  return confines;
}
