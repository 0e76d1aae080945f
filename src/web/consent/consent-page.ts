/**
 * The consent page: who asks, where the user allows it, and what.
 *
 *   GET  /interaction/:uid/consent   the page
 *   POST /interaction/:uid/consent   allow: records it and goes on with the request
 *                                    cancel: answers the application "no"
 *                                    ask: asks an organization to approve the application
 *                                    anything else: the page again, with what was chosen
 *   POST /interaction/:uid/search    what a search finds, for the page's script
 *   POST /interaction/:uid/preview   what the choice would allow, for the page's script
 *
 * The request is the one in the store that belongs to this browser; the form says only what the
 * user chose, and that is checked against the live roles when it is recorded.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { isSubset } from '../../catalogue/scope-set.ts';
import type { Choice } from '../../consent/choice.ts';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { findMore } from '../../consent/find-resources.ts';
import { type PageRequest, proposePage } from '../../consent/page.ts';
import { loadPageBase } from '../../consent/page-base.ts';
import { recordFirstConsent } from '../../consent/record.ts';
import { outOfReachDescription } from '../../consent/required.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import { type Account, findAccount } from '../../storage/people/accounts.ts';
import { compressed } from '../page/compressed.ts';
import { PageError } from '../page/page-error.ts';
import { accountOfForm, type PageParts, seeOther } from '../page/page-parts.ts';
import { manyBoxesBytes, readForm } from '../page/read-form.ts';
import { askForApproval, focusOf, isAsking, readReasons } from './ask-approval.ts';
import {
  beginAnew,
  chosenAnywhere,
  drawnFirst,
  firstSearch,
  isSignedOut,
  needsNewSignIn,
} from './begin-anew.ts';
import { readChoice, readFittingChoice, readPickedKeys, readSearch } from './consent-form.ts';
import { resultsView } from './consent-view.ts';
import {
  changedChoice,
  type Drawn,
  drawConsent,
  drawSummary,
  refuseSummary,
} from './draw-consent.ts';
import { submittedOf } from './summary-text.ts';

/** What the page needs beside what all pages need. */
export interface ConsentParts extends PageParts {
  readonly interactions: Interactions;
  /** How old a sign-in may be in which somebody consents to what deletes or gives secrets; 0: any. */
  readonly stepUpSeconds: number;
}

/** The routes of the consent page. */
export function consentRoutes(parts: ConsentParts): Router {
  return strictRouter()
    .get('/interaction/:uid/consent', (ctx) => openPage(parts, ctx))
    .post('/interaction/:uid/consent', (ctx) => sendPage(parts, ctx))
    .post('/interaction/:uid/search', (ctx) => sendSearch(parts, ctx))
    .post('/interaction/:uid/preview', (ctx) => sendPreview(parts, ctx));
}

/** The user's request that waits for consent. */
interface Waiting {
  readonly request: AuthorizationRequest;
  readonly account: Account;
}

async function openPage(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const request = await parts.interactions.read(ctx);
  if (isSignedOut(request)) {
    return seeOther(ctx, `/interaction/${request.uid}/sign-in?another=yes`);
  }
  const waiting = await waitingFor(parts, ctx, request);
  if (waiting) await show(parts, ctx, waiting, drawnFirst(waiting.request, waiting.account));
}

async function sendPage(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const { interactions } = parts;
  const read = await readWaiting(parts, ctx);
  if (read === undefined) return;
  const { waiting, fields } = read;
  if (fields.get('action') === 'cancel') {
    return seeOther(ctx, await interactions.refused(ctx, await whyCancelled(parts, waiting)));
  }
  const isTaken = await take(parts, ctx, waiting, fields);
  if (isTaken) seeOther(ctx, interactions.resumeAt(ctx));
}

/** The answer to the application: somebody who could not give what it requires had no choice. */
async function whyCancelled({ db }: ConsentParts, waiting: Waiting): Promise<string> {
  const base = await loadPageBase(db, pageRequest(waiting));
  const isOut = base !== undefined && base.outOfReach.length > 0;
  return isOut ? outOfReachDescription(base.outOfReach) : 'The user did not allow it.';
}

/** Reads a form of the page. @returns undefined when the answer is already made. */
async function readWaiting(
  parts: ConsentParts,
  ctx: Koa.Context,
): Promise<{ readonly waiting: Waiting; readonly fields: URLSearchParams } | undefined> {
  const { interactions, formTokens } = parts;
  const known = (await interactions.read(ctx)) ?? (await interactions.answered(ctx));
  // Nobody but whoever has a request here has a large form read.
  const fields = await readForm(ctx, known === undefined ? undefined : manyBoxesBytes);
  const request = await interactions.read(ctx);
  const answered = await interactions.answered(ctx); // asked last: it may be over just now
  if (answered !== undefined) {
    seeOther(ctx, answered); // a second submit
    return undefined;
  }
  if (isSignedOut(request) && ctx.path.endsWith('/consent')) {
    formTokens.check(ctx, bindingFor(request.uid, request.waitsFor), fields.get('token'));
    seeOther(ctx, await beginAnew(interactions, ctx, request.waitsFor, fields));
    return undefined;
  }
  const waiting = await waitingFor(parts, ctx, request);
  if (waiting === undefined) return undefined;
  formTokens.check(ctx, bindingFor(waiting.request.uid, waiting.account.id), fields.get('token'));
  return { waiting, fields };
}

/** Records what is allowed, or draws the page again. @returns whether the request goes on. */
async function take(
  parts: ConsentParts,
  ctx: Koa.Context,
  waiting: Waiting,
  fields: URLSearchParams,
): Promise<boolean> {
  const search = readSearch(fields);
  let choice: Choice | undefined;
  try {
    choice = readChoice(fields);
    if (fields.get('action') === 'allow') {
      const sender = await accountOfForm(parts, ctx);
      if (needsNewSignIn(chosenAnywhere(choice), sender, parts.stepUpSeconds)) {
        seeOther(ctx, await beginAnew(parts.interactions, ctx, waiting.account.id, fields));
        return false;
      }
      await record(parts, ctx, waiting, choice);
      return true;
    }
    if (isAsking(fields)) {
      await ask(parts, ctx, waiting, fields, choice);
      return false;
    }
    const changed = changedChoice(choice, fields);
    await show(parts, ctx, waiting, { search, ...changed, asking: readReasons(fields) });
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    if (error.code === 'too_many_entries') choice ??= readFittingChoice(fields);
    await show(parts, ctx, waiting, {
      search,
      choice,
      refused: error,
      asking: readReasons(fields),
    });
  }
  return false;
}

async function ask(
  parts: ConsentParts,
  ctx: Koa.Context,
  waiting: Waiting,
  fields: URLSearchParams,
  choice: Choice,
): Promise<void> {
  const sender = await accountOfForm(parts, ctx);
  if (sender.account.id !== waiting.account.id) throw over();
  const asking = await askForApproval(parts, ctx, sender, waiting.request.clientId, fields);
  const search = readSearch(fields);
  await show(parts, ctx, waiting, { search, choice, asking, focus: focusOf(asking) });
}

async function record(
  parts: ConsentParts,
  ctx: Koa.Context,
  { request, account }: Waiting,
  choice: Choice,
): Promise<void> {
  const origin = parts.originOf(ctx);
  // The request remembers who signed in; that they still are is for the session to say.
  const { work, account: sender } = await accountOfForm(parts, ctx);
  if (sender.id !== account.id) throw over();
  const asking = pageRequest({ request, account });
  const base = await loadPageBase(parts.db, asking);
  if (base === undefined || base.application.isSuspended) throw over();
  if (!isSubset(choice.scopes, base.asked.scopes)) throw new ConsentRefusedError('scope_not_asked');
  const { locale } = parts.messagesOf(ctx);
  const submitted = { ...submittedOf(asking, base, choice), origin, locale };
  await recordFirstConsent(work, submitted, (tx) => parts.interactions.consented(tx, ctx));
}

async function sendSearch(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const read = await readWaiting(parts, ctx);
  if (read === undefined) return;
  const { waiting, fields } = read;
  const search = readSearch(fields);
  const base = await loadPageBase(parts.db, pageRequest(waiting));
  if (base === undefined) throw over();
  const accountId = waiting.account.id;
  const except = readPickedKeys(fields);
  const found = await findMore(parts.db, base, { accountId, search, except });
  const results = resultsView(parts.messagesOf(ctx), base, found);
  parts.renderPage.fragment(ctx, 'consent/results', { results });
  await compressed(ctx);
}

async function sendPreview(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const read = await readWaiting(parts, ctx);
  if (read === undefined) return;
  const { waiting, fields } = read;
  try {
    const choice = readChoice(fields);
    const asking = pageRequest(waiting, { search: firstSearch, choice });
    await drawSummary(parts, ctx, { ...asking, choice });
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    refuseSummary(parts, ctx, error);
  }
}

async function show(
  parts: ConsentParts,
  ctx: Koa.Context,
  waiting: Waiting,
  drawn: Drawn,
): Promise<void> {
  const { request, account } = waiting;
  const asking = pageRequest(waiting, drawn);
  const page = await proposePage(parts.db, asking);
  if (page === undefined || page.application.isSuspended) throw over();
  await drawConsent(parts, ctx, page, {
    ...drawn,
    request: asking,
    account,
    uid: request.uid,
    redirectUri: request.redirectUri,
    resource: request.resource ?? undefined,
    token: parts.formTokens.issue(ctx, bindingFor(request.uid, account.id)),
  });
}

function pageRequest({ request, account }: Waiting, drawn?: Drawn): PageRequest {
  const { clientId, scope: asked, isReview = false, preselection, resource } = request;
  const { search = firstSearch, choice, preset } = drawn ?? {};
  const addressed = resource?.addressed;
  const who = { accountId: account.id, clientId, asked, isReview, preselection, addressed };
  return { ...who, search, choice, preset };
}

/** @returns undefined when the request waits for something else, and the answer is made. */
async function waitingFor(
  { db }: ConsentParts,
  ctx: Koa.Context,
  request: AuthorizationRequest | undefined,
): Promise<Waiting | undefined> {
  if (request === undefined || request.resource === null) throw over();
  if (request.prompt !== 'consent') {
    seeOther(ctx, `/interaction/${request.uid}`);
    return undefined;
  }
  const { accountId } = request;
  const account = accountId === undefined ? undefined : await findAccount(db, accountId);
  if (account?.status !== 'active') throw over();
  return { request, account };
}

function bindingFor(uid: string, accountId: string) {
  return { purpose: `consent:${uid}`, accountId };
}

function over(): PageError {
  return new PageError(404, {
    title: 'error.oauth-title',
    what: 'error.consent-over',
    next: 'error.consent-over-next',
  });
}
