/** What the demo application remembers in the browser cannot be read, changed, or used for long. */

import type Koa from 'koa';
import { afterEach, expect, test, vi } from 'vitest';
import { createSealedCookie } from '../../src/demo/sealed-cookie.ts';

const seal = { key: Buffer.alloc(32, 7), issuer: 'http://localhost:3000' };
const cookie = createSealedCookie<{ secret: string }>(seal, { name: 'one', seconds: 60 });

afterEach(() => vi.useRealTimers());

/** A request whose cookies are those that its own answer set. */
function browser() {
  const jar = new Map<string, string>();
  const ctx = {
    cookies: { get: (name: string) => jar.get(name) },
    append: (_header: string, line: string) => {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    },
  } as unknown as Koa.Context;
  return { jar, ctx };
}

test('gives back what was written, and shows none of it', () => {
  const { jar, ctx } = browser();
  cookie.write(ctx, { secret: 'hidden' });
  expect(cookie.read(ctx)).toEqual({ secret: 'hidden' });
  expect(Buffer.from(jar.get('one') ?? '', 'base64url').toString('latin1')).not.toContain('hidden');
});

test('is worth nothing when changed, moved to another name, or cleared', () => {
  const { jar, ctx } = browser();
  cookie.write(ctx, { secret: 'hidden' });
  const value = jar.get('one') ?? '';
  jar.set('two', value);
  expect(createSealedCookie(seal, { name: 'two', seconds: 60 }).read(ctx)).toBeUndefined();
  jar.set('one', `${value.slice(0, -2)}AA`);
  expect(cookie.read(ctx)).toBeUndefined();
  jar.set('one', 'AA');
  expect(cookie.read(ctx)).toBeUndefined();
  cookie.clear(ctx);
  expect(cookie.read(ctx)).toBeUndefined();
});

test('ends by itself, whatever the browser keeps', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const { ctx } = browser();
  cookie.write(ctx, { secret: 'hidden' });
  vi.setSystemTime(1_059_000);
  expect(cookie.read(ctx)).toBeDefined();
  vi.setSystemTime(1_061_000);
  expect(cookie.read(ctx)).toBeUndefined();
});
