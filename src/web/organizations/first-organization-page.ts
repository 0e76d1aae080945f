/**
 * The first organization of a new installation, made by its operator.
 *
 *   GET  /set-up/organization   asks for its name; changes nothing
 *   POST /set-up/organization   makes it, with the operator as its administrator
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { createOrganization } from '../../organizations/create-organization.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { hasOrganizations } from '../../storage/tree/organizations.ts';
import type { ConsoleAddress } from '../console/addresses.ts';
import { answerOnce } from '../page/answer-once.ts';
import { PageError } from '../page/page-error.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

const purpose = 'first-organization';

interface FirstParts extends PageParts {
  readonly addresses: Pick<ConsoleAddress, 'created'>;
}

/** The routes of the first organization. */
export function firstOrganizationRoutes(parts: FirstParts): Router {
  return strictRouter()
    .get('/set-up/organization', (ctx) => open(parts, ctx))
    .post('/set-up/organization', (ctx) => send(parts, ctx));
}

/** @throws {PageError} 403: not an operator. 409: there is an organization. */
async function requireStep({ db }: PageParts, { isOperator }: SignedIn): Promise<void> {
  if (!isOperator)
    throw new PageError(403, {
      what: 'first-steps.forbidden',
      next: 'first-steps.forbidden-next',
    });
  if (await hasOrganizations(db))
    throw new PageError(409, {
      what: 'first-steps.made',
      next: 'first-steps.made-next',
    });
}

async function open(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  await requireStep(parts, signedIn);
  showForm(parts, ctx, signedIn, { name: '', slug: '', errors: {} });
}

/** What was typed, and what is wrong with it. */
interface Typed {
  readonly name: string;
  readonly slug: string;
  readonly errors: Partial<Record<'name' | 'slug', string>>;
}

function showForm(
  { formTokens, messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  typed: Typed,
): void {
  renderPage(ctx, 'organizations/first', {
    title: messagesOf(ctx).text('first-steps.organization'),
    isNarrow: true,
    isRefused: Object.keys(typed.errors).length > 0,
    account,
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
    ...typed,
  });
}

async function send(parts: FirstParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  const binding = { purpose, accountId: sender.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    await requireStep(parts, sender);
    const typed = {
      name: fields.get('name') ?? '',
      slug: fields.get('slug')?.trim() ?? '',
    };
    const errors = await make(parts, ctx, sender, typed);
    if (errors === undefined) return seeOther(ctx, parts.addresses.created(typed.slug));
    ctx.status = 422;
    showForm(parts, ctx, sender, { ...typed, errors });
  });
}

/** @returns what is wrong; undefined once it is made. */
async function make(
  { messagesOf, originOf }: PageParts,
  ctx: Koa.Context,
  { account, work }: Sender,
  typed: Pick<Typed, 'name' | 'slug'>,
): Promise<Typed['errors'] | undefined> {
  const actor = {
    accountId: account.id,
    via: { kind: 'session' },
    origin: originOf(ctx),
  } as const;
  const t = messagesOf(ctx);
  try {
    await createOrganization(work, actor, typed);
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { refusal } = error;
    if (refusal.code === 'conflict') return { slug: t.text('first-steps.slug-taken') };
    if (refusal.code !== 'invalid') throw error;
    const wrong = new Set(refusal.fields.map(({ field }) => field));
    return {
      ...(wrong.has('name') ? { name: t.text('first-steps.organization-name-fault') } : {}),
      ...(wrong.has('slug') ? { slug: t.text('first-steps.slug-fault') } : {}),
    };
  }
}
