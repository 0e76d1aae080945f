/**
 * Proof that a form was sent from a page of ours, in the browser that it was shown to.
 *
 * Each browser gets a random id in a cookie; a page carries a keyed digest of that id, of the
 * account, of the form's purpose and of a number that is another one on each page. So a token serves no
 * other browser, person or form, and is another one on each page (answer-once.ts).
 *
 * Source: RFC 9700 section 4.7; OWASP ASVS 5 section 3.5.
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type Koa from 'koa';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { PageError } from './page-error.ts';

/** What a token is good for. */
interface FormBinding {
  /** The form, and the thing that it is about: `sign-out`, `consent:<interaction uid>`. */
  readonly purpose: string;
  /** Who is signed in; left out on pages for nobody. */
  readonly accountId?: string | undefined;
}

/** Makes and checks the tokens of forms. */
export interface FormTokens {
  /** @returns the value of the form's hidden field `token`; gives the browser its id if it has none. */
  issue(ctx: Koa.Context, binding: FormBinding): string;
  /** @throws {PageError} 403: the token is not the one that `issue` made for this browser and binding. */
  check(ctx: Koa.Context, binding: FormBinding, token: string | null): void;
}

/** @param key 32 random bytes that all nodes share. */
export function createFormTokens({ key, issuer }: { key: Buffer; issuer: string }): FormTokens {
  const browser = browserIdentity(issuer);

  const tokenOf = (page: Buffer, browserId: string, { accountId = '', purpose }: FormBinding) => {
    const bound = ['form', page.toString('base64url'), browserId, accountId, purpose];
    const digest = createHmac('sha256', key).update(JSON.stringify(bound)).digest();
    return Buffer.concat([page, digest]);
  };

  return {
    issue(ctx, binding) {
      return tokenOf(randomBytes(pageLength), browser.ensure(ctx), binding).toString('base64url');
    },
    check(ctx, binding, token) {
      const browserId = browser.read(ctx);
      const given = Buffer.from(token ?? '', 'base64url');
      if (browserId === undefined || given.length !== pageLength + 32) throw outOfDate();
      if (!timingSafeEqual(given, tokenOf(given.subarray(0, pageLength), browserId, binding)))
        throw outOfDate();
    },
  };
}

/** Of the number of a page, in bytes. */
const pageLength = 16;

/**
 * Refuses what another site sends: every method that changes something must come from our own
 * pages. Our pages send no referrer, hence browsers give `Origin: null`, which says nothing.
 *
 * @throws {PageError} 403.
 */
export function refuseCrossSite({ issuer }: { issuer: string }): Koa.Middleware {
  const { origin } = new URL(issuer);
  const ours = new Set(['', 'null', origin]);
  const sites = new Set(['', 'same-origin', 'none']);

  return (ctx, next) => {
    const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(ctx.method);
    const isOurs = ours.has(ctx.get('Origin')) && sites.has(ctx.get('Sec-Fetch-Site'));
    if (!isSafe && !isOurs) throw outOfDate();
    return next();
  };
}

function outOfDate(): PageError {
  return new PageError(403, {
    what: 'error.form-outdated',
    next: 'error.form-outdated-next',
  });
}
