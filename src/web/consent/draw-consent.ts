/**
 * Draws the consent page, and the summary of what it would allow.
 *
 * @module
 */

import type Koa from 'koa';
import { type Choice, withOwn } from '../../consent/choice.ts';
import type { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import type { Search } from '../../consent/find-resources.ts';
import { keyOf } from '../../consent/merge-entries.ts';
import type { ConsentPage, PageRequest, Preset } from '../../consent/page.ts';
import { loadPageBase } from '../../consent/page-base.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { refreshIdleSeconds, refreshTotalSeconds } from '../../provider/lifetimes.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { compressed } from '../page/compressed.ts';
import type { PageParts } from '../page/page-parts.ts';
import { type Asking, approvalViews } from './ask-approval.ts';
import { readOwn } from './consent-form.ts';
import { consentView } from './consent-view.ts';
import { redirectWords, refusedWords } from './consent-words.ts';
import { summaryText } from './summary-text.ts';

/** How the page was left when it is drawn again. */
export interface Drawn {
  readonly search: Search;
  readonly choice?: Choice | undefined;
  /** Why the form was refused. */
  readonly refused?: ConsentRefusedError;
  /** What is to have the focus, by id. */
  readonly focus?: string | undefined;
  readonly preset?: Preset | undefined;
  /** Whether every group of permissions is to be open. */
  readonly isAllOpen?: boolean;
  /** What the form says about approvals. */
  readonly asking?: Asking;
  /** Somebody had to sign in again: what was chosen before is still chosen, or was another person's. */
  readonly begunAnew?: 'kept' | 'switched';
}

/** What a choice is drawn with. */
interface ChoiceSetting extends Drawn {
  readonly token: string;
  readonly request: PageRequest;
}

/** What a page is drawn with; it asks in a transaction, where it is about somebody in it alone. */
type DrawingParts = Omit<PageParts, 'db'> & { readonly db: Db };

/** A page that only shows how one would be. */
interface Preview {
  /** Of the application's page. */
  readonly path: string;
  readonly roles: readonly object[];
  /** Who looks at it. */
  readonly viewer: Account;
}

/** What the page says beside what it is about. */
interface Setting extends ChoiceSetting {
  readonly account: Pick<Account, 'name' | 'email'>;
  readonly uid: string;
  readonly redirectUri: string;
  readonly preview?: Preview;
  /** The resource server that the token is for; undefined where none was named. */
  readonly resource?: { readonly name: string | undefined; readonly audience: string } | undefined;
}

const secondsADay = 86_400;

const begunAnewWords = {
  kept: 'consent-page.still-chosen',
  switched: 'consent-page.switched',
} as const;

/** Answers with the page. */
export async function drawConsent(
  parts: DrawingParts,
  ctx: Koa.Context,
  page: ConsentPage,
  setting: Setting,
): Promise<void> {
  const { account: person, uid, redirectUri, preview, resource, begunAnew } = setting;
  const t = parts.messagesOf(ctx);
  const drawn = await choiceLocals(parts, ctx, page, setting);
  parts.renderPage(ctx, preview ? 'applications-own/preview' : 'consent', {
    ...drawn,
    isReview: drawn.isReview && begunAnew !== 'kept', // it shows what is chosen, not what is allowed
    title: preview
      ? t.text('own-app-preview.title', { name: page.application.name })
      : t.text('consent-page.title', { application: page.application.name }),
    account: preview?.viewer ?? person,
    person,
    preview,
    begunAnew: begunAnew && t.text(begunAnewWords[begunAnew], { email: person.email }),
    action: `/interaction/${uid}/consent`,
    uid,
    redirect: redirectWords(t, redirectUri),
    heading: headingOf(t, page, resource?.name),
    resource,
    idleDays: refreshIdleSeconds / secondsADay,
    totalDays: refreshTotalSeconds / secondsADay,
  });
  await compressed(ctx);
}

function headingOf(
  t: Messages,
  { application: { name: application }, isDifference }: ConsentPage,
  resource: string | undefined,
): string {
  if (resource === undefined) {
    const key = isDifference ? 'consent-page.heading-more' : 'consent-page.heading';
    return t.text(key, { application });
  }
  const key = isDifference ? 'consent-page.heading-more-at' : 'consent-page.heading-at';
  return t.text(key, { application, resource });
}

/** @returns what a page needs to have something chosen on it: where, what, and the decision. */
export async function choiceLocals(
  { db, renderPage, messagesOf }: DrawingParts,
  ctx: Koa.Context,
  page: ConsentPage,
  { request, token, refused, search, focus, isAllOpen, asking }: ChoiceSetting,
) {
  const t = messagesOf(ctx);
  const errors = errorsOf(t, page, refused);
  if (refused !== undefined) ctx.status = refusedWords[refused.code].status;
  const view = await consentView(t, page, errors);
  const summary = await summaryText(db, t, request, page, page.choice);
  const pieces = view.resources.map((resource) => ({ resource, focus }));
  return {
    ...view,
    areGroupsOpen: view.areGroupsOpen || isAllOpen === true,
    hasErrors: errors.size > 0 || view.goneCount > 0,
    summary,
    resources: await renderPage.pieces(ctx, 'consent/resource', pieces),
    approvals: await approvalViews(db, t, page, request, asking),
    isRefused: refused !== undefined,
    notice: refused && t.text(refusedWords[refused.code].key, { most: mostEntries }),
    isWide: true,
    mostEntries,
    token,
    search: search.text,
    focus,
  };
}

/** Answers with what a choice would allow. */
export async function drawSummary(
  { db, renderPage, messagesOf }: PageParts,
  ctx: Koa.Context,
  request: PageRequest & { readonly choice: Choice },
): Promise<void> {
  const base = await loadPageBase(db, request);
  if (base === undefined) return;
  const summary = await summaryText(db, messagesOf(ctx), request, base, request.choice);
  renderPage.fragment(ctx, 'consent/summary', { summary });
}

/** Answers with why a choice would be refused. */
export function refuseSummary(
  { renderPage, messagesOf }: PageParts,
  ctx: Koa.Context,
  { code }: ConsentRefusedError,
): void {
  const { status, key } = refusedWords[code];
  ctx.status = status;
  const summary = messagesOf(ctx).text(key, { most: mostEntries });
  renderPage.fragment(ctx, 'consent/summary', { summary });
}

/** What is wrong, at the resource that it is about. */
function errorsOf(
  t: Messages,
  page: ConsentPage,
  refused: ConsentRefusedError | undefined,
): ReadonlyMap<string, string> {
  const key = refused?.resource;
  if (refused === undefined || key === undefined) return new Map();
  const isThere = page.picked.length > 0;
  if (!isThere) return new Map();
  const id = printId(key.level, key.id);
  const { code } = refused;
  if (code === 'branch_changed') {
    const one = page.picked.find(
      ({ resource }) =>
        resource.level === 'branch' &&
        keyOf(key) === keyOf({ level: 'branch', id: resource.branch.id }),
    );
    const isProduction = one?.resource.level === 'branch' && one.resource.branch.production;
    const now = isProduction ? 'consent-refused.now-production' : 'consent-refused.now-development';
    return new Map([[id, t.text(now)]]);
  }
  return new Map([[id, t.text('consent-refused.not-grantable-here')]]);
}

/** What a button changed, and where the focus goes. */
export function changedChoice(choice: Choice, fields: URLSearchParams): Omit<Drawn, 'search'> {
  const own = readOwn(fields);
  if (own !== undefined) {
    return { choice: withOwn(choice, own), focus: printId(own.level, own.id) };
  }
  const action = fields.get('action');
  if (action === 'look' || action === 'all') return { choice, preset: action, focus: 'what' };
  if (action === 'choose') return { choice, isAllOpen: true, focus: 'what' };
  return { choice, focus: action === 'preview' ? 'summary' : 'results' };
}
