/**
 * The consent page: who asks, what for, and where the user allows it.
 *
 *   GET  /interaction/:uid/consent   the page
 *   POST /interaction/:uid/consent   allow: records it and goes on with the request
 *                                    cancel: tells the application "no"
 *                                    search: the page again, with what was picked
 *
 * The request is the one in the store that belongs to this browser; the form says only what the
 * user picked, and that is checked against the live roles when it is recorded.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import type { Selection } from '../../consent/offers.ts';
import { proposeConsent } from '../../consent/propose.ts';
import { recordFirstConsent } from '../../consent/record.ts';
import { printId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import { refreshIdleSeconds, refreshTotalSeconds } from '../../provider/lifetimes.ts';
import { type Account, findAccount } from '../../storage/people/accounts.ts';
import { PageError } from '../page/page-error.ts';
import { accountOfForm, type PageParts, seeOther } from '../page/page-parts.ts';
import { manyBoxesBytes, readForm } from '../page/read-form.ts';
import { readSearch, readSelection } from './consent-form.ts';
import { consentView } from './consent-view.ts';
import { redirectWords, refusedWords } from './consent-words.ts';

/** What the page needs beside what all pages need. */
export interface ConsentParts extends PageParts {
  readonly interactions: Interactions;
}

/** The routes of the consent page. */
export function consentRoutes(parts: ConsentParts): Router {
  return strictRouter()
    .get('/interaction/:uid/consent', (ctx) => openPage(parts, ctx))
    .post('/interaction/:uid/consent', (ctx) => sendPage(parts, ctx));
}

/** The user's request that waits for consent. */
interface Waiting {
  readonly request: AuthorizationRequest;
  readonly account: Account;
}

/** How the page was left when it is drawn again. */
interface Drawn {
  readonly search: string;
  readonly selection?: Selection | undefined;
  readonly notice?: string;
}

const secondsADay = 86_400;

async function openPage(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const waiting = await waitingFor(parts, ctx, await parts.interactions.read(ctx));
  if (waiting) await show(parts, ctx, waiting, { search: '' });
}

async function sendPage(parts: ConsentParts, ctx: Koa.Context): Promise<void> {
  const { interactions: waitingOnes } = parts;
  const known = (await waitingOnes.read(ctx)) ?? (await waitingOnes.answered(ctx));
  // Nobody but whoever has a request here has a large form read.
  const fields = await readForm(ctx, known === undefined ? undefined : manyBoxesBytes);
  const request = await parts.interactions.read(ctx);
  const answered = await parts.interactions.answered(ctx); // asked last: it may be over just now
  if (answered !== undefined) return seeOther(ctx, answered); // a second submit
  const waiting = await waitingFor(parts, ctx, request);
  if (waiting === undefined) return;
  parts.formTokens.check(ctx, bindingOf(waiting), fields.get('token'));
  const { interactions } = parts;
  if (fields.get('action') === 'cancel') {
    return seeOther(ctx, await interactions.refused(ctx, 'The user did not allow it.'));
  }
  const isTaken = await take(parts, ctx, waiting, fields);
  if (isTaken) seeOther(ctx, interactions.resumeAt(ctx));
}

/** Records what is allowed, or draws the page again. @returns whether the request goes on. */
async function take(
  parts: ConsentParts,
  ctx: Koa.Context,
  waiting: Waiting,
  fields: URLSearchParams,
): Promise<boolean> {
  const search = readSearch(fields);
  let selection: Selection | undefined;
  try {
    selection = readSelection(fields);
    if (fields.get('action') === 'allow') {
      await record(parts, ctx, waiting, selection);
      return true;
    }
    await show(parts, ctx, waiting, { search, selection });
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    const { status, text } = refusedWords[error.code];
    ctx.status = status;
    await show(parts, ctx, waiting, { search, selection, notice: text });
  }
  return false;
}

async function record(
  parts: ConsentParts,
  ctx: Koa.Context,
  { request, account }: Waiting,
  selection: Selection,
): Promise<void> {
  const { clientId, scope: asked } = request;
  const origin = parts.originOf(ctx);
  // The request remembers who signed in; that they still are is for the session to say.
  const { db, account: sender } = await accountOfForm(parts, ctx);
  if (sender.id !== account.id) throw over();
  const submitted = { accountId: account.id, clientId, asked, ...selection, origin };
  await recordFirstConsent(db, submitted, (tx) => parts.interactions.consented(tx, ctx));
}

async function show(
  { db, formTokens, renderPage }: ConsentParts,
  ctx: Koa.Context,
  waiting: Waiting,
  { search, selection, notice }: Drawn,
): Promise<void> {
  const { request, account } = waiting;
  const { clientId, scope: asked, redirectUri } = request;
  const pair = { accountId: account.id, clientId };
  const proposal = await proposeConsent(db, { ...pair, asked, search, selection });
  if (proposal === undefined) throw over();
  const view = await consentView(proposal, search);
  const organizations = [];
  for (const one of view.organizations) {
    const databases = one.databases.map((database) => ({ database }));
    const drawnDatabases = await renderPage.pieces(ctx, 'consent/database', databases);
    organizations.push({ ...one, drawnDatabases });
  }
  renderPage(ctx, 'consent', {
    ...view,
    organizations,
    title: `Allow ${proposal.application.name}?`,
    isRefused: notice !== undefined,
    account,
    isWide: true,
    mostEntries,
    action: `/interaction/${request.uid}/consent`,
    token: formTokens.issue(ctx, bindingOf(waiting)),
    redirect: redirectWords(redirectUri),
    idleDays: refreshIdleSeconds / secondsADay,
    totalDays: refreshTotalSeconds / secondsADay,
    search,
    notice,
    carried: carriedOf(view.shown, selection),
  });
}

/** What an earlier view showed and this one does not: left unpicked there, it stays so. */
function carriedOf(shown: readonly string[], selection: Selection | undefined): string[] {
  const before = selection?.shown.map(({ level, id }) => printId(level, id)) ?? [];
  return [...new Set([...shown, ...before])];
}

/** @returns undefined when the request waits for something else, and the answer is made. */
async function waitingFor(
  { db }: ConsentParts,
  ctx: Koa.Context,
  request: AuthorizationRequest | undefined,
): Promise<Waiting | undefined> {
  if (request === undefined) throw over();
  if (request.prompt !== 'consent') {
    seeOther(ctx, `/interaction/${request.uid}`);
    return undefined;
  }
  const { accountId } = request;
  const account = accountId === undefined ? undefined : await findAccount(db, accountId);
  if (account?.status !== 'active') throw over();
  return { request, account };
}

function bindingOf({ request, account }: Waiting) {
  return { purpose: `consent:${request.uid}`, accountId: account.id };
}

function over(): PageError {
  return new PageError(404, {
    what: 'error.consent-over',
    next: 'error.consent-over-next',
  });
}
