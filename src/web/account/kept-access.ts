/**
 * A page about an application's access whose session ended, or whose sign-in became too old for what was
 * chosen, while it was open: what was chosen goes along to the sign-in and back, see page/kept-form.ts.
 *
 *   save, signed out or too long ago -> the sign-in -> the page, with what was chosen: nothing is saved by itself
 *
 * The form's own token says for which account and in which browser it was shown: nobody else gets the choice.
 *
 * @module
 */

import type Koa from 'koa';
import { readReasons } from '../consent/ask-approval.ts';
import { firstSearch } from '../consent/begin-anew.ts';
import { readFittingChoice, readSearch } from '../consent/consent-form.ts';
import type { Drawn } from '../consent/draw-consent.ts';
import { keptParameter, openForm, sealForm } from '../page/kept-form.ts';
import { PageError } from '../page/page-error.ts';
import { type PageParts, type SignedIn, seeOther } from '../page/page-parts.ts';

type Parts = PageParts & { readonly key: Buffer };
type Binding = Parameters<PageParts['formTokens']['check']>[1];

/** The sign-in is too old for what is to be saved. Nothing was. */
export class OldSignInError extends Error {
  readonly code = 'old_sign_in';
}

/** So large a form is read of nobody: one with more chosen does not fit into an address. */
export const keptBytes = 64 * 1024;

/**
 * Leads to the sign-in, and back to the page.
 *
 * @param signIn the address of the sign-in, by where it leads to.
 * @returns false: it is no page's of ours, or more was chosen than fits into an address. Nothing is answered.
 */
export function keepAccess(
  { key }: Parts,
  ctx: Koa.Context,
  address: string,
  fields: URLSearchParams,
  signIn: (next: string) => string,
): boolean {
  const token = fields.get('token');
  if (token === null) return false;
  const chosen = chosenIn(fields).toString();
  const pairs = [['token', token] as const, ['chosen', chosen] as const];
  const sealed = sealForm(key, { path: address, fields: pairs });
  if (sealed === undefined) return false;
  seeOther(ctx, signIn(`${address}?${keptParameter}=${sealed}`));
  return true;
}

/** @returns the fields that say what is chosen: none of the page, and none of a resource that is not picked. */
function chosenIn(fields: URLSearchParams): URLSearchParams {
  const picked = new Set(fields.getAll('pick'));
  const isOfChoice = ([name, value]: [string, string]) => {
    const [kind, id] = name.split(':');
    if (id === undefined) return name !== 'token' && name !== 'action' && value !== '';
    return kind === 'reason' ? value !== '' : picked.has(id);
  };
  return new URLSearchParams([...fields].filter(isOfChoice));
}

/**
 * @param address the page's: a choice of another page is none here.
 * @returns how the page was left; undefined where nothing came along.
 */
export function keptAccess(
  { key, formTokens }: Parts,
  ctx: Koa.Context,
  address: string,
  binding: Binding,
): Drawn | undefined {
  const kept = openForm(key, ctx.URL.searchParams.get(keptParameter));
  if (kept?.path !== address) return undefined;
  const { token = null, chosen } = Object.fromEntries(kept.fields);
  try {
    formTokens.check(ctx, binding, token);
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    return { search: firstSearch, begunAnew: 'switched' };
  }
  const fields = new URLSearchParams(chosen);
  const choice = readFittingChoice(fields);
  if (choice === undefined) return undefined;
  return { search: readSearch(fields), choice, asking: readReasons(fields), begunAnew: 'kept' };
}

const begunAnewWords = {
  kept: 'app-access.still-chosen',
  switched: 'app-access.switched',
} as const;

/** @returns what is said about what was chosen before. */
export function begunAnewText(
  { messagesOf }: PageParts,
  ctx: Koa.Context,
  begunAnew: NonNullable<Drawn['begunAnew']>,
  { account: { email } }: SignedIn,
): string {
  return messagesOf(ctx).text(begunAnewWords[begunAnew], { email });
}
