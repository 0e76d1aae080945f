/** A page of any length: in one piece while it is short, else piece by piece, and always the same. */

import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Koa from 'koa';
import { expect, test } from 'vitest';
import { markFor, pageBody } from '../../src/web/page/long-pages.ts';

const contexts = () => ({}) as Koa.Context;

async function bodyOf(ctx: Koa.Context, page: string): Promise<string> {
  const body = pageBody(ctx, page);
  return typeof body === 'string' ? body : text(body);
}

test.each([
  [3, false],
  [3_000, true],
])('%i pieces stand where their mark stood', async (count, isStream) => {
  const ctx = contexts();
  const pieces = (of: string) =>
    Array.from({ length: count }, (_, n) => `<p>${of} ${n} $& é</p>`.padEnd(200));
  const [one, other] = [pieces('one'), pieces('other')];
  const [markOfOne, markOfOther] = [markFor(ctx, one), markFor(ctx, other)];
  const page = (first: string, second: string) => `<main>${first}<hr>${second}</main>`;
  const made = page(markOfOther.toString(), markOfOne.toString());
  expect(pageBody(ctx, made) instanceof Readable).toBe(isStream);
  expect(await bodyOf(ctx, made)).toBe(page(other.join(''), one.join('')));
});

test('a page without pieces is as it is, whatever stands in it', async () => {
  const mark = markFor(contexts(), ['another page']);
  expect(await bodyOf(contexts(), `<p>${mark}</p>`)).toBe(`<p>${mark}</p>`);
});
