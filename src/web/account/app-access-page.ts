/**
 * What one application may do, to be changed with the same parts as on the consent page: narrower at
 * once, and wider in resources within the permissions that were given. A token that is out never widens.
 *
 *   GET  /account/applications/:client           the page
 *   POST /account/applications/:client           save: records it; anything else: the page again
 *   POST /account/applications/:client/search    what a search finds, for the page's script
 *   POST /account/applications/:client/preview   what the choice would come to, for the script
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { formatScope, isSubset } from '../../catalogue/scope-set.ts';
import type { Choice } from '../../consent/choice.ts';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { consentedScope } from '../../consent/consented-scope.ts';
import { findMore } from '../../consent/find-resources.ts';
import { type PageRequest, proposePage } from '../../consent/page.ts';
import { loadPageBase } from '../../consent/page-base.ts';
import { recordConsent } from '../../consent/record.ts';
import { deriveKey } from '../../lib/key-wrapping.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { askForApproval, focusOf, isAsking, readReasons } from '../consent/ask-approval.ts';
import { needsNewSignIn } from '../consent/begin-anew.ts';
import {
  readChoice,
  readFittingChoice,
  readPickedKeys,
  readSearch,
} from '../consent/consent-form.ts';
import { resultsView } from '../consent/consent-view.ts';
import {
  changedChoice,
  choiceLocals,
  type Drawn,
  drawSummary,
  refuseSummary,
} from '../consent/draw-consent.ts';
import { submittedOf } from '../consent/summary-text.ts';
import { answerAsBefore, answerOnce } from '../page/answer-once.ts';
import { compressed } from '../page/compressed.ts';
import { signInAgainPath } from '../page/fresh-sign-in.ts';
import { refuseNul } from '../page/no-nul.ts';
import { SignedOutError } from '../page/page-error.ts';
import {
  accountOfForm,
  accountOrSignIn,
  currentAccount,
  type PageParts,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { formThatWasRead, manyBoxesBytes, readForm } from '../page/read-form.ts';
import { begunAnewText, keepAccess, keptAccess, keptBytes, OldSignInError } from './kept-access.ts';

/** What the page needs beside what all pages need. */
interface AppAccessParts extends PageParts {
  /** 32 bytes that all nodes share. */
  readonly key: Buffer;
  /** How old a sign-in may be in which somebody gives more of what deletes or gives secrets; 0: any. */
  readonly stepUpSeconds: number;
}

/** The routes of one application's access. */
export function appAccessRoutes({ key, ...page }: AppAccessParts): Router {
  const parts = { ...page, key: deriveKey(key, 'app-access', 32) };
  return strictRouter()
    .use((ctx, next) => {
      refuseNul(ctx);
      return next();
    })
    .get('/account/applications/:client', (ctx) => open(parts, ctx))
    .post('/account/applications/:client', (ctx) => send(parts, ctx))
    .post('/account/applications/:client/search', (ctx) => sendSearch(parts, ctx))
    .post('/account/applications/:client/preview', (ctx) => sendPreview(parts, ctx));
}

/** The address of the page about an application. */
export function addressOfAccess(clientId: string): string {
  return `/account/applications/${encodeURIComponent(clientId)}`;
}

function addressOf(ctx: Koa.Context): string {
  return addressOfAccess(ctx['params'].client ?? '');
}

const purpose = 'app-access';
const firstSearch = { text: '', page: 0 };

async function open(parts: AppAccessParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const kept = keptAccess(parts, ctx, addressOf(ctx), bindingOf(signedIn));
  await show(parts, ctx, signedIn, kept ?? { search: firstSearch });
}

/** Whoever has to sign in meanwhile finds what they chose again. */
async function send(parts: AppAccessParts, ctx: Koa.Context): Promise<void> {
  try {
    await take(parts, ctx);
  } catch (error) {
    const fields = formThatWasRead(ctx);
    if (fields === undefined || !(error instanceof SignedOutError)) throw error;
    if (await answerAsBefore(parts, ctx, fields)) return;
    const signIn = (next: string) => `/sign-in?next=${encodeURIComponent(next)}`;
    if (!keepAccess(parts, ctx, addressOf(ctx), fields, signIn)) throw error;
  }
}

async function take(parts: AppAccessParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await readSent(parts, ctx);
  const search = readSearch(fields);
  let choice: Choice | undefined;
  try {
    choice = readChoice(fields);
    if (fields.get('action') === 'save') return await save(parts, ctx, { sender, fields, choice });
    if (isAsking(fields)) {
      const asking = await askForApproval(parts, ctx, sender, ctx['params'].client ?? '', fields);
      return await show(parts, ctx, sender, { search, choice, asking, focus: focusOf(asking) });
    }
    const changed = changedChoice(choice, fields);
    await show(parts, ctx, sender, { search, ...changed, asking: readReasons(fields) });
  } catch (error) {
    if (error instanceof OldSignInError) {
      if (keepAccess(parts, ctx, addressOf(ctx), fields, signInAgainPath)) return;
      ctx.status = 403;
      return await show(parts, ctx, sender, { search, choice, signInFirst: true });
    }
    if (!(error instanceof ConsentRefusedError)) throw error;
    if (error.code === 'too_many_entries') choice ??= readFittingChoice(fields);
    await show(parts, ctx, sender, { search, choice, refused: error, asking: readReasons(fields) });
  }
}

async function save(
  parts: AppAccessParts,
  ctx: Koa.Context,
  {
    sender,
    fields,
    choice,
  }: { readonly sender: Sender; readonly fields: URLSearchParams; readonly choice: Choice },
): Promise<void> {
  const request = await requestOf(parts, ctx, sender);
  const base = request && (await loadPageBase(parts.db, request));
  if (request === undefined || base === undefined) return seeOther(ctx, '/account/applications');
  if (!isSubset(choice.scopes, base.asked.scopes)) {
    throw new ConsentRefusedError('scope_not_asked');
  }
  const mail = { origin: parts.originOf(ctx), locale: parts.messagesOf(ctx).locale };
  await answerOnce(parts, ctx, fields, async () => {
    const submitted = { ...submittedOf(request, base, choice), ...mail };
    await recordConsent(sender.work, submitted, (widened) => {
      if (needsNewSignIn(widened, sender, parts.stepUpSeconds)) throw new OldSignInError();
    });
    return '/account/applications?done=saved';
  });
}

async function sendSearch(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await readSent(parts, ctx);
  const request = await requestOf(parts, ctx, sender);
  const base = request && (await loadPageBase(parts.db, request));
  if (base === undefined) return seeOther(ctx, '/account/applications');
  const found = await findMore(parts.db, base, {
    accountId: sender.account.id,
    search: readSearch(fields),
    except: readPickedKeys(fields),
  });
  const results = resultsView(parts.messagesOf(ctx), base, found);
  parts.renderPage.fragment(ctx, 'consent/results', { results });
  await compressed(ctx);
}

async function sendPreview(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await readSent(parts, ctx);
  try {
    const choice = readChoice(fields);
    const request = await requestOf(parts, ctx, sender, { search: firstSearch, choice });
    if (request === undefined) return seeOther(ctx, '/account/applications');
    await drawSummary(parts, ctx, { ...request, choice });
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    refuseSummary(parts, ctx, error);
  }
}

/** @throws {PageError} 403: nobody is signed in, or the form is not from this page. */
async function readSent(parts: PageParts, ctx: Koa.Context) {
  const isAnybody = (await currentAccount(parts, ctx)) !== undefined;
  // Nobody else has a larger form read than goes along to a sign-in.
  const fields = await readForm(ctx, isAnybody ? manyBoxesBytes : keptBytes).catch((error) => {
    throw isAnybody ? error : new SignedOutError();
  });
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, bindingOf(sender), fields.get('token'));
  return { sender, fields };
}

async function show(
  parts: PageParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  { signInFirst = false, ...drawn }: Drawn & { readonly signInFirst?: boolean },
): Promise<void> {
  const request = await requestOf(parts, ctx, signedIn, drawn);
  const page = request && (await proposePage(parts.db, request));
  if (request === undefined || page === undefined) return seeOther(ctx, '/account/applications');
  const token = parts.formTokens.issue(ctx, bindingOf(signedIn));
  const application = page.application.name;
  parts.renderPage(ctx, 'app-access', {
    ...(await choiceLocals(parts, ctx, page, { ...drawn, request, token })),
    title: parts.messagesOf(ctx).text('app-access.title', { application }),
    account: signedIn.account,
    address: addressOfAccess(page.application.id),
    signInFirst: signInFirst && signInAgainPath(addressOf(ctx)),
    begunAnew: drawn.begunAnew && begunAnewText(parts, ctx, drawn.begunAnew, signedIn),
  });
  await compressed(ctx);
}

/** What was given is what can be given here. @returns undefined where nothing was. */
async function requestOf(
  { db }: PageParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  { search = firstSearch, choice, preset }: Partial<Drawn> = {},
): Promise<PageRequest | undefined> {
  const pair = { accountId: account.id, clientId: ctx['params'].client ?? '' };
  const consented = await consentedScope(db, pair);
  if (consented === undefined || consented.version === 0) return undefined;
  const asked = formatScope(consented.scopes);
  return { ...pair, asked, isReview: true, search, choice, preset };
}

function bindingOf({ account }: SignedIn) {
  return { purpose, accountId: account.id };
}
