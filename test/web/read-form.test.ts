/** What a form may hold, and what is refused before anything looks at it. */

import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readForm } from '../../src/web/page/read-form.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

const server = forAllTests(() =>
  startSmallServer(({ app }) => {
    app.use(async (ctx) => {
      ctx.body = { fields: [...(await readForm(ctx))] };
    });
  }),
);

const form = 'application/x-www-form-urlencoded';

function send(body: string, headers: Record<string, string> = {}) {
  const all = { 'Content-Type': form, Accept: 'application/json', ...headers };
  return fetch(server.issuer, {
    method: 'POST',
    body,
    headers: all,
    duplex: 'half',
  } as RequestInit);
}

async function fieldsOf(body: string): Promise<unknown> {
  return ((await (await send(body)).json()) as { fields: unknown }).fields;
}

describe('readForm', () => {
  test('keeps repeated fields in order', async () => {
    expect(await fieldsOf('a=1&b=2&a=3')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
  });

  test('decodes plus, escapes and UTF-8; takes empty values and further equals signs', async () => {
    expect(await fieldsOf('a+b=%C3%A9+%2B&empty=&flag&x=1=2')).toEqual([
      ['a b', 'é +'],
      ['empty', ''],
      ['flag', ''],
      ['x', '1=2'],
    ]);
  });

  test('takes names of prototypes as names like any other', async () => {
    expect(await fieldsOf('__proto__=1&constructor=2')).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test('takes an empty form, and one just under the limit', async () => {
    expect(await fieldsOf('')).toEqual([]);
    expect((await send(`a=${'x'.repeat(16 * 1024 - 2)}`)).status).toBe(200);
  });

  test.each([
    ['JSON', '{}', { 'Content-Type': 'application/json' }, 415],
    ['a form with files', 'x', { 'Content-Type': 'multipart/form-data; boundary=b' }, 415],
    ['a packed form', 'a=1', { 'Content-Encoding': 'gzip' }, 415],
    ['a broken escape', 'a=%zz', {}, 400],
    ['bytes that are not UTF-8', 'a=%ff', {}, 400],
    ['NUL', 'a=%00', {}, 400],
    ['too many bytes', `a=${'x'.repeat(16 * 1024)}`, {}, 413],
    ['too many fields', 'a&'.repeat(10_001), {}, 413],
  ])('refuses %s', async (_what, body, headers, status) => {
    expect((await send(body, headers as Record<string, string>)).status).toBe(status);
  });

  test('stops reading a body that does not tell its length', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(server.issuer, { method: 'POST', headers: { 'Content-Type': form } });
      sent.on('response', (response) => resolve(response.statusCode)).on('error', reject);
      sent.write(Buffer.alloc(300 * 1024, 'x'));
    });
    expect(status).toBe(413);
  });
});
