/**
 * The router of the console, made from its list of pages.
 *
 *   GET    signed in? -> in this organization? -> does the role give the page? -> the page
 *   POST   read -> signed in? -> in this organization? -> from our page? -> once -> the use case
 *
 * Whoever is not in an organization gets the answer that nobody's organization gets.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { deriveKey } from '../../lib/key-wrapping.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { answerOnce } from '../page/answer-once.ts';
import { compressed } from '../page/compressed.ts';
import { refuseNul } from '../page/no-nul.ts';
import { PageError, SignedOutError } from '../page/page-error.ts';
import {
  accountOfForm,
  accountOrSignIn,
  currentAccount,
  type PageParts,
  type Sender,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { baseOf } from './addresses.ts';
import {
  type ConsolePage,
  type ConsoleParts,
  consolePrefix,
  type FormPage,
  type LookPage,
} from './console-page.ts';
import { consolePages } from './console-pages.ts';
import { bindingOf, enter, sectionsOf } from './frame.ts';
import { keepForm, pageOfForm } from './kept-form.ts';
import { pageErrorOf } from './refusal-texts.ts';

/** What the console is given. @param key 32 bytes that all nodes share. */
export interface ConsoleSetting extends PageParts {
  readonly key: Buffer;
}

/** The routes of every organization. */
export function consoleRoutes({ key, ...page }: ConsoleSetting): Router {
  const consoleKey = deriveKey(key, 'console', 32);
  return routerOf({ ...page, consoleKey, offered: sectionsOf(consolePages) }, consolePages);
}

function routerOf(parts: ConsoleParts, pages: readonly ConsolePage[]): Router {
  const router = strictRouter();
  for (const page of pages) {
    const path = consolePrefix + page.path;
    if (page.method === 'GET') router.get(path, (ctx) => answered(look(parts, page, ctx)));
    else router.post(path, (ctx) => answered(send(parts, page, ctx)));
  }
  return router;
}

async function look(parts: ConsoleParts, page: LookPage, ctx: Koa.Context): Promise<void> {
  refuseNul(ctx);
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const request = await enter(parts, ctx, signedIn, page.section);
  if (!request.here.may(page.act)) {
    throw new PageError(403, { what: 'console.forbidden', next: 'console.forbidden-next' });
  }
  await page.open(parts, request);
  await compressed(ctx);
}

async function send(parts: ConsoleParts, page: FormPage, ctx: Koa.Context): Promise<void> {
  const isKnown = page.mostBytes !== undefined && (await currentAccount(parts, ctx)) !== undefined;
  const fields = await readForm(ctx, isKnown ? page.mostBytes : undefined); // nobody else sends more
  refuseNul(ctx, fields);
  const sender = await senderOrSignIn(parts, page, ctx, fields);
  if (sender === undefined) return;
  const request = await enter(parts, ctx, sender, page.section);
  const { organization } = request.here;
  const path = ctx.path.slice(request.here.base.length);
  const binding = bindingOf(organization.id, path, sender.account.id);
  parts.formTokens.check(ctx, binding, fields.get('token'));
  const form = { ...request, sender, fields };
  await answerOnce(parts, ctx, fields, () => page.send(parts, form));
}

/** @returns undefined where nobody is signed in: then the answer leads to sign-in, and what was typed waits. */
async function senderOrSignIn(
  parts: ConsoleParts,
  page: FormPage,
  ctx: Koa.Context,
  fields: URLSearchParams,
): Promise<Sender | undefined> {
  try {
    return await accountOfForm(parts, ctx);
  } catch (error) {
    if (!(error instanceof SignedOutError) || !fields.has('token')) throw error;
    const base = baseOf(ctx['params'].slug ?? '');
    const shown = pageOfForm(consolePages, page, ctx.path.slice(base.length));
    keepForm(parts, ctx, { base, page: shown, needs: page.shownBy }, fields);
    return undefined;
  }
}

/** @throws {PageError} what the use case refused, said to people. */
async function answered(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw error instanceof RefusedError ? pageErrorOf(error) : error;
  }
}
