/**
 * The mail to a user whose application reaches production, or manages people's access, for the
 * first time under this consent: what somebody else at their browser would have wanted.
 *
 *     entries before -> entries after -> what is new -> was a mail sent before? -> a notice in the outbox
 *
 * The mail goes out once the transaction of the change is committed, and once for a consent: what is
 * taken away and given again is no news. A consent that was removed and given anew is.
 *
 * @module
 */

import { intersect, isEmpty } from '../catalogue/scope-set.ts';
import { type ConsentEntry, consentedScopes } from '../decisions/consented-scopes.ts';
import { scopesOfEffect } from '../sentence/effects.ts';
import { markMailed, type Pair, type Reach } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import { findAccount } from '../storage/people/accounts.ts';

/** A change of a consent that is held until the transaction ends. */
interface ConsentChange extends Pair {
  readonly consentId: string;
  /** The name of the application. */
  readonly application: string;
  readonly before: readonly ConsentEntry[];
  readonly after: readonly ConsentEntry[];
  /** The language of the user's pages. */
  readonly locale: string | undefined;
}

/** Asks for the mail about what is new, if anything is. */
export async function mailFirstReach(tx: Db, change: ConsentChange): Promise<void> {
  const { consentId, accountId, application, before, after, locale } = change;
  const reachedBefore = reachOf(before);
  const reaches = reachOf(after);
  if (!reaches.production && !reaches.people) return;
  const unmailed = await markMailed(tx, consentId, {
    production: reachedBefore.production || reaches.production,
    people: reachedBefore.people || reaches.people,
  });
  const kind = kindOf({
    production: reaches.production && !reachedBefore.production && unmailed.production,
    people: reaches.people && !reachedBefore.people && unmailed.people,
  });
  if (kind === undefined) return;
  const account = await findAccount(tx, accountId);
  if (account === undefined) throw new Error('a consent without its account');
  const { email } = account;
  await putNotice(tx, { kind, email, accountId, locale, details: { application } });
}

/** @returns what entries come to whatever the roles; what rests because of its age counts. */
function reachOf(entries: readonly ConsentEntry[]): Reach {
  return {
    production: entries.some(reachesProduction),
    people: entries.some(({ scopes }) => !isEmpty(intersect(scopes, scopesOfEffect.people))),
  };
}

/** No mail is sent about a branch that was not production when it was picked: its rights rest if it turns. */
function reachesProduction(entry: ConsentEntry): boolean {
  if (entry.level === 'branch' && entry.production !== true) return false;
  const awake = { ...entry, rests: false };
  return !isEmpty(consentedScopes(awake, entry.version, 'production'));
}

function kindOf({ production, people }: Reach) {
  if (production && people) return 'application-reaches-both';
  if (production) return 'application-reaches-production';
  return people ? 'application-manages-people' : undefined;
}
