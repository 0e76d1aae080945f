/**
 * A form that does something once: whoever sends it a second time (a double click, another tab, the way
 * back) gets the first answer, with the cookies that came with it.
 *
 *   claim -> do it -> keep the answer, sealed -> answer
 *         -> somebody else has the claim: wait for their answer, and give the same
 *
 * Two forms are the same when one page was shown once and all its fields are sent alike: the token of each
 * page is another one (form-token.ts). Only an answer that sends the browser on is kept; a form that was
 * refused may be sent again. The answer is sealed under the browser's id and what was sent, of which the
 * database has a hash alone, so it opens for this browser and this form only.
 *
 * Source: RFC 9110 section 9.2.2 (idempotent methods); NIST SP 800-56C section 4.
 *
 * @module
 */

import { setTimeout as delay } from 'node:timers/promises';
import type Koa from 'koa';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { open, seal } from '../../lib/key-wrapping.ts';
import { sha256 } from '../../lib/secrets.ts';
import { cookieLines, setCookieLines } from '../../provider/session-cookies.ts';
import {
  claimForm,
  findFormAnswer,
  keepFormAnswer,
  releaseForm,
} from '../../storage/people/form-answers.ts';
import { SignedOutError } from './page-error.ts';
import { type PageParts, seeOther } from './page-parts.ts';
import { formThatWasRead } from './read-form.ts';

type Parts = Pick<PageParts, 'db' | 'issuer'>;

/** A form in a browser, as a key of the database and as one that opens its answer. */
interface SentForm {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** An answer that sends the browser on. */
interface KeptAnswer {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** Does what a form asks for, unless it was done: then the answer is that of the first time. */
export async function answerOnce(
  parts: Parts,
  ctx: Koa.Context,
  fields: URLSearchParams,
  work: () => Promise<void>,
): Promise<void> {
  const form = formOf(parts, ctx, fields);
  if (form === undefined) return work();
  while (!(await claimForm(parts.db, form.id))) {
    if (await repeat(parts, ctx, form)) return;
  }
  let isKept = false;
  try {
    await work();
    if (ctx.status === 303) {
      await keepFormAnswer(parts.db, form.id, sealAnswer(ctx, form));
      isKept = true;
    }
  } finally {
    if (!isKept) await releaseForm(parts.db, form.id);
  }
}

/**
 * Gives the first answer also to whoever finds themselves signed out because the first sending of their
 * form ended the session (a deletion, a new password), at whatever point of the way that happened.
 */
export function firstAnswers(parts: Parts): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof SignedOutError)) throw error;
      const fields = formThatWasRead(ctx);
      const form = fields && formOf(parts, ctx, fields);
      if (form === undefined || !(await repeat(parts, ctx, form))) throw error;
    }
  };
}

const pauseMs = 50;

/** A claim that nobody answers ends by itself, so this ends, too. */
async function repeat({ db }: Parts, ctx: Koa.Context, form: SentForm): Promise<boolean> {
  let found = await findFormAnswer(db, form.id);
  while (found === 'pending') {
    await delay(pauseMs);
    found = await findFormAnswer(db, form.id);
  }
  if (found === undefined) return false;
  const { location, cookies }: KeptAnswer = JSON.parse(
    open(form.key, found.sealed, context).toString(),
  );
  setCookieLines(ctx, cookies);
  seeOther(ctx, location);
  return true;
}

function sealAnswer(ctx: Koa.Context, { key }: SentForm): Buffer {
  const answer: KeptAnswer = { location: ctx.response.get('Location'), cookies: cookieLines(ctx) };
  return seal(key, Buffer.from(JSON.stringify(answer)), context);
}

const context = 'answer of a form';

/** @returns undefined for a browser that has no id: then no page of ours has shown it a form. */
function formOf(
  { issuer }: Parts,
  ctx: Koa.Context,
  fields: URLSearchParams,
): SentForm | undefined {
  const browserId = browserIdentity(issuer).read(ctx);
  if (browserId === undefined) return undefined;
  const sent = JSON.stringify([browserId, ctx.path, ...fields]);
  return { id: sha256(`form ${sent}`), key: sha256(`\0\0\0\x01${sent} usher form answer`) };
}
