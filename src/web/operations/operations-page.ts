/**
 * What operators do in the browser. Whoever is no operator gets "page not found"; an operator
 * is asked for a sign-in of the last ten minutes, by passkey where they have one.
 *
 *   GET  /operations?search=        what was found; mail that could not be sent; how the service is
 *   POST /operations/account/:id    suspends or reinstates an account, with a reason
 *   POST /operations/organization/:id  the same of an organization
 *   POST /operations/client/:id     the same of an application, a resource server or a service client
 *   POST /operations/mail           has mail that was given up tried again
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { asOperator } from '../../applications/as-operator.ts';
import { reinstateApplication, suspendApplication } from '../../applications/suspend.ts';
import { reinstateAccount, suspendAccount } from '../../applications/suspend-account.ts';
import {
  reinstateOrganization,
  suspendOrganization,
} from '../../applications/suspend-organization.ts';
import { parseId, printId } from '../../lib/ids.ts';
import { deriveKey } from '../../lib/key-wrapping.ts';
import type { Messages } from '../../lib/messages.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { countMail, listUnsentMail, retryMail } from '../../storage/people/mail-outbox.ts';
import { type FoundThing, searchAsOperator } from '../../storage/people/operator-search.ts';
import { answerOnce } from '../page/answer-once.ts';
import { type ProofParts, provenOrSignInAgain } from '../page/fresh-sign-in.ts';
import { keptParameter, readKeptForm, sealForm } from '../page/kept-form.ts';
import { refuseNul } from '../page/no-nul.ts';
import { PageError } from '../page/page-error.ts';
import {
  accountOfForm,
  currentAccount,
  type PageParts,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { readHealth } from './health.ts';

/** What the pages need beside what every page needs. */
export type OperationsParts = ProofParts & {
  /** 32 bytes that all nodes share. */
  readonly key: Buffer;
};

const root = '/operations';

/** The routes of operators. */
export function operationsRoutes({ key, ...page }: OperationsParts): Router {
  const parts = { ...page, key: deriveKey(key, 'operations', 32) };
  return strictRouter()
    .get(root, (ctx) => open(parts, ctx))
    .post(`${root}/account/:id`, (ctx) => send(parts, ctx, changeAccount))
    .post(`${root}/organization/:id`, (ctx) => send(parts, ctx, changeOrganization))
    .post(`${root}/client/:id`, (ctx) => send(parts, ctx, changeClient))
    .post(`${root}/mail`, (ctx) => send(parts, ctx, retry));
}

/** @throws {PageError} 404: nobody, or no operator. */
function requireOperator(signedIn: SignedIn | undefined): SignedIn {
  if (signedIn?.isOperator !== true) throw nothingThere();
  return signedIn;
}

function nothingThere(): PageError {
  return new PageError(404, { what: 'operations.unknown', next: 'operations.unknown-next' });
}

async function open(parts: OperationsParts, ctx: Koa.Context): Promise<void> {
  const signedIn = requireOperator(await currentAccount(parts, ctx));
  refuseNul(ctx);
  if (!(await provenOrSignInAgain(parts, ctx, signedIn, ctx.url))) return;
  await show(parts, ctx, signedIn, ctx.URL.searchParams.get('search') ?? '');
}

const mostFound = 10;
const mostMails = 20;

/** A form that was not done. */
interface Refused {
  readonly id: string;
  readonly error: string;
  /** The reason that was typed. */
  readonly typed: string;
}

const doneTexts: Readonly<Record<string, string>> = {
  suspended: 'operations.done-suspended',
  reinstated: 'operations.done-reinstated',
  unchanged: 'operations.done-unchanged',
  retried: 'operations.done-retried',
};

async function show(
  parts: OperationsParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  searched: string,
  refused?: Refused,
): Promise<void> {
  const { db, formTokens, messagesOf, renderPage } = parts;
  const t = messagesOf(ctx);
  const binding = { purpose, accountId: account.id };
  const search = searched.trim().slice(0, 254);
  const id =
    parseId('user', search) ??
    parseId('organization', search) ??
    '00000000-0000-0000-0000-000000000000';
  const { found, hasMore } =
    search === '' ? nothing : await searchAsOperator(db, { text: search, id, limit: mostFound });
  const mails = await listUnsentMail(db, mostMails);
  const count = await countMail(db);
  const done = doneTexts[ctx.URL.searchParams.get('done') ?? ''];
  renderPage(ctx, 'operations/operations', {
    title: t.text('operations.title'),
    account,
    isWide: true,
    isRefused: refused !== undefined,
    search,
    done: done && t.text(done),
    found: found.map((one) => thingView(t, one, search, { refused, self: account.id })),
    more: hasMore ? t.text('operations.more', { count: mostFound }) : undefined,
    token: formTokens.issue(ctx, binding),
    keptForm: readKeptForm(ctx, {
      key: parts.key,
      check: (_path, token) => formTokens.check(ctx, binding, token),
      form: (action) => ({ action, token: formTokens.issue(ctx, binding) }),
    }),
    mails: mails.map(({ kind, recipient, reason, failedAt, nextAttemptAt }) => ({
      kind,
      recipient: recipient ?? '',
      reason,
      isGivenUp: failedAt !== undefined,
      at: (failedAt ?? nextAttemptAt).toISOString(),
    })),
    waiting: count?.waiting ?? 0,
    failed: count?.failed ?? 0,
    health: await readHealth(db, count, t),
  });
}

const nothing = { found: [], hasMore: false };

const purpose = 'operations';

const kindTexts = {
  account: 'operations.kind-account',
  organization: 'operations.kind-organization',
  application: 'operations.kind-application',
  resource_server: 'operations.kind-resource-server',
  service_client: 'operations.kind-service-client',
} as const;

function thingView(
  t: Messages,
  thing: FoundThing,
  search: string,
  { refused, self }: { readonly refused: Refused | undefined; readonly self: string },
) {
  const { kind, id, name, about, status } = thing;
  const isClient = kind !== 'account' && kind !== 'organization';
  const printed = isClient ? id : printId(kind === 'account' ? 'user' : 'organization', id);
  return {
    name,
    about,
    id: printed,
    kind: t.text(kindTexts[kind]),
    isSuspended: status === 'suspended',
    isShown: kind === 'organization',
    isSelf: kind === 'account' && id === self,
    action: `${root}/${isClient ? 'client' : kind}/${encodeURIComponent(printed)}`,
    search,
    ...(refused?.id === printed ? { error: refused.error, typed: refused.typed } : {}),
  };
}

/** What a form asks for, by whom. */
interface Asked {
  readonly sender: Sender;
  readonly fields: URLSearchParams;
  readonly id: string;
  readonly reason: string;
}

/** @returns what to say. */
type Deed = (parts: OperationsParts, ctx: Koa.Context, asked: Asked) => Promise<string>;

const mostReason = 300;

async function send(parts: OperationsParts, ctx: Koa.Context, deed: Deed): Promise<void> {
  const fields = await readForm(ctx);
  refuseNul(ctx, fields);
  const search = fields.get('search') ?? '';
  const page = `${root}?${new URLSearchParams({ search })}`;
  const back = `${page}${keptIn(parts, ctx, fields)}`;
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined && fields.has('token')) {
    return seeOther(ctx, `/sign-in?next=${encodeURIComponent(back)}`);
  }
  requireOperator(signedIn);
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  if (!(await provenOrSignInAgain(parts, ctx, sender, back))) return;
  const id: string = ctx['params'].id ?? '';
  const reason = (fields.get('reason') ?? '').trim();
  if (deed !== retry && (reason === '' || reason.length > mostReason)) {
    ctx.status = 422;
    const error = parts.messagesOf(ctx).text('operations.no-reason');
    return show(parts, ctx, sender, search, { id, error, typed: reason });
  }
  await answerOnce(parts, ctx, fields, async () => {
    const done = await deed(parts, ctx, { sender, fields, id, reason });
    seeOther(ctx, `${page}&done=${done}`);
  });
}

/** @returns what was typed, for the address of the page; nothing where it is too long for one. */
function keptIn({ key }: OperationsParts, ctx: Koa.Context, fields: URLSearchParams): string {
  const sealed = sealForm(key, { path: ctx.path, fields: [...fields] });
  return sealed === undefined ? '' : `&${new URLSearchParams({ [keptParameter]: sealed })}`;
}

const actorOf = ({ originOf }: PageParts, ctx: Koa.Context, { account }: Sender) => ({
  accountId: account.id,
  origin: originOf(ctx),
});

async function changeAccount(
  parts: OperationsParts,
  ctx: Koa.Context,
  asked: Asked,
): Promise<string> {
  const { sender, fields, reason } = asked;
  const id = parseId('user', asked.id);
  if (id === undefined) throw nothingThere();
  if (id === sender.account.id) {
    throw new PageError(403, { what: 'operations.self', next: 'operations.self-next' });
  }
  const isSuspension = fields.get('do') === 'suspend';
  const change = isSuspension ? suspendAccount : reinstateAccount;
  const { outcome } = await change(sender.work, actorOf(parts, ctx, sender), id, reason);
  return said(outcome, isSuspension);
}

async function changeOrganization(
  parts: OperationsParts,
  ctx: Koa.Context,
  asked: Asked,
): Promise<string> {
  const { sender, fields, reason } = asked;
  const id = parseId('organization', asked.id);
  if (id === undefined) throw nothingThere();
  const isSuspension = fields.get('do') === 'suspend';
  const change = isSuspension ? suspendOrganization : reinstateOrganization;
  const { outcome } = await change(sender.work, actorOf(parts, ctx, sender), id, reason);
  return said(outcome, isSuspension);
}

async function changeClient(
  parts: OperationsParts,
  ctx: Koa.Context,
  asked: Asked,
): Promise<string> {
  const { sender, fields, reason, id } = asked;
  const isSuspension = fields.get('do') === 'suspend';
  const change = isSuspension ? suspendApplication : reinstateApplication;
  const { outcome } = await change(sender.work, actorOf(parts, ctx, sender), id, reason);
  return said(outcome, isSuspension);
}

/** @throws {PageError} 404: there is no such thing, or they are no operator any more. */
function said(
  outcome: 'changed' | 'unchanged' | 'unknown_client' | 'unknown_organization' | 'not_allowed',
  isSuspension: boolean,
): string {
  if (outcome === 'not_allowed' || outcome.startsWith('unknown_')) throw nothingThere();
  if (outcome === 'unchanged') return 'unchanged';
  return isSuspension ? 'suspended' : 'reinstated';
}

async function retry(parts: OperationsParts, ctx: Koa.Context, { sender }: Asked): Promise<string> {
  const act = { action: 'mail.retried', subject: 'mail' };
  const done = await asOperator(
    sender.work,
    actorOf(parts, ctx, sender),
    act,
    async (tx, record) => {
      const mails = await retryMail(tx, undefined);
      if (mails > 0) await record({ after: { mails } });
      return { outcome: 'retried' } as const;
    },
  );
  if (done.outcome === 'not_allowed') throw nothingThere();
  return done.outcome;
}
