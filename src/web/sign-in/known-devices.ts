/**
 * Browsers in which an account was signed in before: they have a counter of wrong passwords of
 * their own, so that nobody can lock an account's owner out by guessing elsewhere.
 *
 * The cookie holds a random id and one keyed digest for each of the last accounts, so that it tells
 * nobody who they are and proves nothing about any other account.
 *
 * Source: OWASP, "Blocking Brute Force Attacks", device cookies.
 *
 * @module
 */

import { createHmac, randomBytes } from 'node:crypto';
import type Koa from 'koa';
import { createCookie } from '../../lib/cookies.ts';
import { equal } from '../../lib/secrets.ts';

/** Knows a browser again; `email` is the address in its normal form. */
export interface KnownDevices {
  /** @returns the browser's id if this account was signed in here before. */
  idFor(ctx: Koa.Context, email: string): string | undefined;
  /** Gives the browser its proof, after a sign-in that succeeded. */
  remember(ctx: Koa.Context, email: string): void;
}

const maximumAccounts = 5;
const maxAgeSeconds = 400 * 24 * 60 * 60;
const cookieForm = /^[\w-]{22}(\.[\w-]{43}){1,5}$/;

/** @param key 32 random bytes that all nodes share. */
export function createKnownDevices({ key, issuer }: { key: Buffer; issuer: string }): KnownDevices {
  const cookie = createCookie('usher_device', { issuer });

  const proofOf = (id: string, email: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['device', id, email]))
      .digest('base64url');
  const read = (ctx: Koa.Context) => {
    const value = cookie.read(ctx) ?? '';
    const [id = '', ...proofs] = cookieForm.test(value) ? value.split('.') : [];
    return { id, proofs };
  };

  return {
    idFor(ctx, email) {
      const { id, proofs } = read(ctx);
      const expected = proofOf(id, email);
      return proofs.some((proof) => equal(proof, expected)) ? id : undefined;
    },
    remember(ctx, email) {
      const known = read(ctx);
      const id = known.id || randomBytes(16).toString('base64url');
      const proof = proofOf(id, email);
      const others = known.proofs.filter((other) => other !== proof);
      const value = [id, proof, ...others.slice(0, maximumAccounts - 1)].join('.');
      cookie.write(ctx, value, maxAgeSeconds);
    },
  };
}
