/**
 * Telling the user by mail that an application reaches production, or manages people's access, for the
 * first time under this consent: what somebody else at their browser would have wanted.
 *
 *     entries before -> entries after -> what is new -> was it told before? -> a notice in the outbox
 *
 * The mail goes out once the transaction of the change is committed, and once for a consent: what is
 * taken away and given again is no news. A consent that was removed and given anew is.
 *
 * @module
 */

import { intersect, isEmpty } from '../catalogue/scope-set.ts';
import { type ConsentEntry, consentedScopes } from '../decisions/consented-scopes.ts';
import { scopesOfEffect } from '../sentence/effects.ts';
import { markTold, type Pair, type Reach } from '../storage/consents/consents.ts';
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
export async function tellFirstReach(tx: Db, change: ConsentChange): Promise<void> {
  const { consentId, accountId, application, before, after, locale } = change;
  const stood = reachOf(before);
  const stands = reachOf(after);
  if (!stands.production && !stands.people) return;
  const untold = await markTold(tx, consentId, {
    production: stood.production || stands.production,
    people: stood.people || stands.people,
  });
  const kind = kindOf({
    production: stands.production && !stood.production && untold.production,
    people: stands.people && !stood.people && untold.people,
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

/** A branch that was not production when it was picked is not told of: its rights rest if it turns. */
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
