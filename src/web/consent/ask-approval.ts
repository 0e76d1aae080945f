/**
 * Asking an organization to approve the application, be it for production alone, without leaving the page:
 * the part of it that says so, with a reason to write and a button, or with what was asked already.
 *
 *   action=ask <id>   asks the organization with that printed id
 *   reason:<id>       why, in the member's words
 *
 * @module
 */

import type Koa from 'koa';
import type { PageBase } from '../../consent/page-base.ts';
import { parseId, printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import {
  longestReason,
  mostRequestsADay,
  requestApproval,
} from '../../organizations/approval-requests.ts';
import { type Refusal, RefusedError } from '../../organizations/refusals.ts';
import {
  findApprovalRequest,
  findDeclinedReason,
  secondsUntilNextRequest,
} from '../../storage/clients/approval-requests.ts';
import type { Pair } from '../../storage/consents/consents.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { PageParts, Sender } from '../page/page-parts.ts';

/** What the form says about approvals. */
export interface Asking {
  /** What was written so far, by the printed id of its organization. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Which organization was asked, by its printed id; undefined: none. */
  readonly asked?: string | undefined;
  /** Why it could not be; undefined: it was. */
  readonly refusal?: Refusal | undefined;
}

/** One organization that waits, as `views/consent/approval.ejs` shows it. */
export interface ApprovalView {
  readonly id: string;
  readonly text: string;
  /** What was asked already, or why nothing can be asked for now; undefined: ask. */
  readonly state: string | undefined;
  readonly label: string;
  readonly button: string;
  readonly hint: string;
  readonly reason: string;
  readonly error: string | undefined;
  readonly isJustAsked: boolean;
}

const prefix = 'reason:';

/** @returns whether the button "Ask for approval" was pressed. */
export function isAsking(fields: URLSearchParams): boolean {
  return (fields.get('action') ?? '').startsWith('ask ');
}

/** @returns what is written about approvals, to be kept while the page is drawn again. */
export function readReasons(fields: URLSearchParams): Asking {
  const written = [...fields].filter(([name]) => name.startsWith(prefix));
  return { reasons: new Map(written.map(([name, value]) => [name.slice(prefix.length), value])) };
}

/** Asks the organization that the form names, and says what came of it. */
export async function askForApproval(
  { originOf }: PageParts,
  ctx: Koa.Context,
  { account, work }: Sender,
  clientId: string,
  fields: URLSearchParams,
): Promise<Asking> {
  const { reasons } = readReasons(fields);
  const asked = (fields.get('action') ?? '').slice('ask '.length);
  const organizationId = parseId('organization', asked);
  if (organizationId === undefined) return { reasons };
  const actor = {
    accountId: account.id,
    via: { kind: 'session' },
    origin: originOf(ctx),
  } as const;
  try {
    const ids = { organizationId, clientId };
    await requestApproval(work, actor, ids, reasons.get(asked) ?? '');
    return { reasons, asked };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { reasons, asked, refusal: error.refusal };
  }
}

/** The id of what has the focus after an organization was asked. */
export function focusOf({ asked }: Asking): string {
  return `approval-${asked ?? ''}`;
}

/** @returns the part about each organization that waits, at most so many. */
export async function approvalViews(
  db: Db,
  t: Messages,
  base: PageBase,
  { accountId, clientId }: Pair,
  asking: Asking = { reasons: new Map() },
  most = 3,
): Promise<ApprovalView[]> {
  const isWaiting = (id: string) => base.waiting.has(id) || base.waitingForProduction.has(id);
  const waiting = base.organizations.filter(({ id }) => isWaiting(id));
  const views: ApprovalView[] = [];
  for (const { id: organizationId, name } of waiting.slice(0, most)) {
    const id = printId('organization', organizationId);
    const person = base.administrators.get(organizationId);
    const isJustAsked = asking.asked === id;
    const ids = { organizationId, clientId, accountId };
    views.push({
      id,
      text: t.text(
        base.waiting.has(organizationId)
          ? 'consent-page.waiting'
          : 'consent-page.waiting-production',
        { name },
      ),
      state: await stateOf(db, t, ids),
      label: t.text('consent-ask.reason'),
      button: t.text('consent-ask.ask'),
      hint:
        person === undefined
          ? t.text('consent-ask.hint', { name })
          : t.text('consent-ask.hint-person', { person }),
      reason: asking.reasons.get(id) ?? '',
      error: isJustAsked && asking.refusal ? faultOf(t, asking.refusal) : undefined,
      isJustAsked,
    });
  }
  return views;
}

async function stateOf(
  db: Db,
  t: Messages,
  ids: Parameters<typeof findApprovalRequest>[1],
): Promise<string | undefined> {
  const request = await findApprovalRequest(db, ids);
  if (request !== undefined) {
    const time = t.time(request.requestedAt.toISOString());
    return t.text('consent-ask.asked', { time, reason: request.reason });
  }
  const seconds = await secondsUntilNextRequest(db, ids, mostRequestsADay);
  if (seconds === undefined) return undefined;
  const time = t.time(new Date(Date.now() + seconds * 1000).toISOString());
  const reason = await findDeclinedReason(db, ids);
  return reason === undefined
    ? t.text('consent-ask.later', { time })
    : t.text('consent-ask.declined', { time, reason });
}

/** That it is too early is said by the state, which is there then. */
function faultOf(t: Messages, refusal: Refusal): string | undefined {
  if (refusal.code === 'throttled') return undefined;
  return refusal.code === 'invalid'
    ? t.text('consent-ask.bad-reason', { most: longestReason })
    : t.text('consent-ask.cannot');
}
