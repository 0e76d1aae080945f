/**
 * A consent page whose session ended while it was open: signed out in another tab or elsewhere, or somebody
 * else signed in.
 *
 *   Allow, or any other button -> signed in by now? -> the page, with what was chosen
 *                              -> else the sign-in -> the page, with what was chosen
 *
 * What was chosen is only ever shown to the account that chose it.
 *
 * @module
 */

import type Koa from 'koa';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import type { Account } from '../../storage/people/accounts.ts';
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
 * @param accountId for whom the request waits.
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
  const kept = new URLSearchParams([...fields].filter(([name]) => !ofThePage.has(name)));
  const text = kept.toString();
  const choice = text.length > mostKept ? undefined : { accountId, fields: text };
  return interactions.restarted(ctx, choice);
}

/** Fields that are not of the choice. */
const ofThePage = new Set(['token', 'action']);
