/**
 * A consent page whose session ended while it was open: signed out in another tab or elsewhere, or somebody
 * else signed in.
 *
 * Or the sign-in became too old meanwhile for what was chosen.
 *
 *   Allow, or any other button -> signed in by now? -> the page, with what was chosen
 *                              -> else the sign-in -> the page, with what was chosen
 *
 * What was chosen is only ever shown to the account that chose it.
 *
 * @module
 */

import type Koa from 'koa';
import { emptySet, intersect, isEmpty, type ScopeSet, union } from '../../catalogue/scope-set.ts';
import type { Choice } from '../../consent/choice.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import type { KeptChoice } from '../../provider/kept-choice.ts';
import { scopesOfEffect } from '../../sentence/effects.ts';
import type { Account } from '../../storage/people/accounts.ts';
import type { SignedIn } from '../page/page-parts.ts';
import { readFittingChoice, readSearch } from './consent-form.ts';
import type { Drawn } from './draw-consent.ts';

/** Nothing is looked for yet. */
export const firstSearch = { text: '', page: 0 };

/** What was chosen before somebody had to sign in again is still chosen. */
export function drawnFirst(
  { keptChoice }: AuthorizationRequest,
  account: Pick<Account, 'id'>,
): Drawn {
  if (keptChoice === undefined) return { search: firstSearch };
  if (keptChoice.accountId !== account.id) return { search: firstSearch, begunAnew: 'switched' };
  const fields = new URLSearchParams(keptChoice.fields);
  const choice = readFittingChoice(fields);
  return choice === undefined
    ? { search: firstSearch }
    : { search: readSearch(fields), choice, begunAnew: 'kept' };
}

/** A request whose session ended, or was followed by another, while the page was open. */
type SignedOut = AuthorizationRequest & { readonly waitsFor: string };

export function isSignedOut(request: AuthorizationRequest | undefined): request is SignedOut {
  const isOver = request?.accountId === undefined;
  return isOver && request?.prompt === 'consent' && request.waitsFor !== undefined;
}

/** Longer choices than that of 500 resources are none of a page of ours. */
const mostKept = 200_000;

/**
 * Nothing is recorded: whoever is signed in, or signs in now, sees the page again.
 *
 * @param accountId the account whose consent the request waits for.
 * @returns where the browser goes on to.
 */
export function beginAnew(
  interactions: Interactions,
  ctx: Koa.Context,
  accountId: string,
  fields: URLSearchParams,
): Promise<string> {
  if (fields.get('action') === 'cancel') {
    return interactions.refused(ctx, 'The user did not allow it.');
  }
  return interactions.restarted(ctx, keptOf(accountId, fields));
}

/** @returns what a form brings, to be shown to the same account once more; undefined where it is too long. */
function keptOf(accountId: string, fields: URLSearchParams): KeptChoice | undefined {
  const kept = new URLSearchParams([...fields].filter(([name]) => !ofThePage.has(name))).toString();
  return kept.length > mostKept ? undefined : { accountId, fields: kept };
}

const grave = union(scopesOfEffect.delete, scopesOfEffect.secrets);

/** @returns all that is chosen, wherever. */
export function chosenAnywhere({ scopes, picks }: Choice): ScopeSet {
  return picks.reduce((sum, { own }) => union(sum, own ?? emptySet), scopes);
}

/**
 * Whether what is to be given deletes or gives secrets, and the sign-in has become too old for that while the
 * page was open: a request asks for a new one as soon as it begins anew.
 */
export function needsNewSignIn(
  given: ScopeSet,
  { authenticatedAt }: Pick<SignedIn, 'authenticatedAt'>,
  stepUpSeconds: number,
): boolean {
  const ageSeconds = Math.floor((Date.now() - authenticatedAt.getTime()) / 1000);
  return stepUpSeconds > 0 && ageSeconds > stepUpSeconds && !isEmpty(intersect(given, grave));
}

/** Fields that are not of the choice. */
const ofThePage = new Set(['token', 'action']);
