/**
 * Where the demo application remembers: cookies that the browser carries and cannot read or change,
 * so that the server keeps nothing of it.
 *
 * @module
 */

import type Koa from 'koa';
import { createCookie } from '../lib/cookies.ts';
import { deriveKey, unwrap, wrap } from '../lib/key-wrapping.ts';

/** A cookie with a value of its own type, encrypted and with an end. */
export interface SealedCookie<Value> {
  /** @returns undefined: there is none, it is past its end, or it is not one of ours. */
  read(ctx: Koa.Context): Value | undefined;
  write(ctx: Koa.Context, value: Value): void;
  clear(ctx: Koa.Context): void;
}

/** What seals the cookies, and for which site. */
export interface Seal {
  /** 32 random bytes that all nodes share. */
  readonly key: Buffer;
  readonly issuer: string;
}

interface Sealed {
  readonly value: unknown;
  readonly endsAt: number;
}

/** @param name is part of the seal: the content of one cookie does not open as another. */
export function createSealedCookie<Value>(
  { key, issuer }: Seal,
  { name, seconds }: { readonly name: string; readonly seconds: number },
): SealedCookie<Value> {
  const cookie = createCookie(name, { issuer });
  const sealingKey = deriveKey(key, 'usher demo cookies', 32);
  return {
    read(ctx) {
      const { value, endsAt } = open(sealingKey, cookie.read(ctx), name) ?? { endsAt: 0 };
      return endsAt > Date.now() ? (value as Value) : undefined;
    },
    write(ctx, value) {
      const text = JSON.stringify({ value, endsAt: Date.now() + seconds * 1000 } satisfies Sealed);
      const sealed = wrap(sealingKey, Buffer.from(text), name);
      cookie.write(ctx, sealed.toString('base64url'), seconds);
    },
    clear: (ctx) => cookie.write(ctx, '', 0),
  };
}

function open(key: Buffer, text: string | undefined, name: string): Sealed | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(unwrap(key, Buffer.from(text, 'base64url'), name).toString()) as Sealed;
  } catch {
    return undefined; // made by somebody else, or under a key that is gone
  }
}
