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

/** Sends a browser on: by 303, unless a page does it. */
type GoOn = (ctx: Koa.Context, address: string) => void;

/**
 * Does what a form asks for, unless it was done: then the answer is that of the first time.
 *
 * @param work makes the answer, or gives the address (a string) to which `goOn` sends the browser.
 */
export async function answerOnce(
  parts: Parts,
  ctx: Koa.Context,
  fields: URLSearchParams,
  work: () => Promise<unknown>,
  goOn: GoOn = seeOther,
): Promise<void> {
  const form = formOf(parts, ctx, fields);
  const answer = async (): Promise<string | undefined> => {
    const address = await work();
    if (typeof address !== 'string') return locationOf(ctx);
    goOn(ctx, address);
    return address;
  };
  if (form === undefined) return void (await answer());
  while (!(await claimForm(parts.db, form.id))) {
    if (await repeat(parts, ctx, form, goOn)) return;
  }
  let isKept = false;
  try {
    const location = await answer();
    if (location !== undefined) {
      const kept = { location, cookies: cookieLines(ctx) };
      await keepFormAnswer(parts.db, form.id, sealAnswer(kept, form));
      isKept = true;
    }
  } finally {
    if (!isKept) await releaseForm(parts.db, form.id);
  }
}

function locationOf(ctx: Koa.Context): string | undefined {
  return ctx.status === 303 ? ctx.response.get('Location') : undefined;
}

/**
 * For a form whose first sending may have signed its sender out, so that its token cannot be checked.
 *
 * @returns whether it was done before: then the answer is made.
 */
export async function answerAsBefore(
  parts: Parts,
  ctx: Koa.Context,
  fields: URLSearchParams,
  goOn: GoOn = seeOther,
): Promise<boolean> {
  const form = formOf(parts, ctx, fields);
  return form !== undefined && repeat(parts, ctx, form, goOn);
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
      if (fields === undefined || !(await answerAsBefore(parts, ctx, fields))) throw error;
    }
  };
}

const pauseMs = 50;

/** A claim that nobody answers ends by itself, so this ends, too. */
async function repeat(
  { db }: Parts,
  ctx: Koa.Context,
  form: SentForm,
  goOn: GoOn,
): Promise<boolean> {
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
  goOn(ctx, location);
  return true;
}

function sealAnswer(answer: KeptAnswer, { key }: SentForm): Buffer {
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
