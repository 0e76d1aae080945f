/**
 * The first page of a new installation: whoever reads the terminal becomes its first operator.
 *
 *   GET  /set-up   asks for the code, an address and a name; changes nothing
 *   POST /set-up   names the operator, once, and goes on to their link, see set-up-page.ts
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import {
  type FirstStepFault,
  type FirstStepResult,
  nameFirstOperator,
} from '../../accounts/first-steps.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { wasNoOperatorNamed } from '../../storage/people/operators.ts';
import { answerOnce } from '../page/answer-once.ts';
import { emailFault } from '../page/email-fault.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { waitText } from './password-texts.ts';

/** What the page needs beside the rest. */
interface FirstStepsParts extends PageParts {
  /** What the terminal shows. */
  readonly setUpCode: string;
}

const purpose = 'first-steps';

/** The routes of the first steps. */
export function firstStepsRoutes(parts: FirstStepsParts): Router {
  return strictRouter()
    .get('/set-up', (ctx) => open(parts, ctx))
    .post('/set-up', (ctx) => send(parts, ctx));
}

/** What was typed, without the code, and what is wrong with it. */
interface Typed {
  readonly email: string;
  readonly name: string;
  readonly errors: Partial<Record<'code' | 'email' | 'name', string>>;
}

async function open(parts: FirstStepsParts, ctx: Koa.Context): Promise<void> {
  if (!(await wasNoOperatorNamed(parts.db))) return showOver(parts, ctx);
  showForm(parts, ctx, { email: '', name: '', errors: {} });
}

function showForm(
  { formTokens, messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  typed: Typed,
) {
  renderPage(ctx, 'sign-in/first-steps', {
    title: messagesOf(ctx).text('first-steps.title'),
    isNarrow: true,
    isRefused: Object.keys(typed.errors).length > 0,
    token: formTokens.issue(ctx, { purpose }),
    ...typed,
  });
}

function showOver({ messagesOf, renderPage }: PageParts, ctx: Koa.Context): void {
  ctx.status = 410;
  const title = messagesOf(ctx).text('first-steps.over');
  renderPage(ctx, 'sign-in/first-steps-over', { title, isNarrow: true });
}

async function send(parts: FirstStepsParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose }, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    const { db, setUpCode } = parts;
    const typedOf = (name: string) => fields.get(name) ?? '';
    const typed = {
      code: typedOf('code'),
      email: typedOf('email').trim(),
      name: typedOf('name'),
    };
    const origin = parts.originOf(ctx);
    const result = await nameFirstOperator({ db, setUpCode, typed, origin });
    if (result.outcome === 'named') return seeOther(ctx, `/set-up/${result.token}`);
    if (result.outcome === 'over') return showOver(parts, ctx);
    const { email, name } = typed;
    showForm(parts, ctx, { email, name, errors: refuse(parts, ctx, result, email) });
  });
}

const faults = {
  code: { field: 'code', text: 'first-steps.code-fault' },
  email: { field: 'email', text: 'first-steps.email-fault' },
  email_taken: { field: 'email', text: 'first-steps.email-taken' },
  name: { field: 'name', text: 'join.name-fault' },
} as const satisfies Record<FirstStepFault, { field: keyof Typed['errors']; text: string }>;

/** Sets the status. @returns what is wrong, by field. */
function refuse(
  { messagesOf }: PageParts,
  ctx: Koa.Context,
  result: Extract<FirstStepResult, { outcome: 'refused' | 'throttled' }>,
  email: string,
): Typed['errors'] {
  const t = messagesOf(ctx);
  if (result.outcome === 'refused') {
    ctx.status = 422;
    const { field, text } = faults[result.why];
    return { [field]: result.why === 'email' ? emailFault(t, email, text) : t.text(text) };
  }
  ctx.status = 429;
  ctx.set('Retry-After', String(result.retryAfterSeconds));
  return { code: waitText(t, result.retryAfterSeconds) };
}
