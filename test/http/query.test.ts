/** Queries are as Koa reads them, in a time that grows with their length alone. */

import fc from 'fast-check';
import Koa from 'koa';
import { describe, expect, test, vi } from 'vitest';
import { parseQuery, readQueriesOnce } from '../../src/http/query.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';

/** @returns the query as an application has it. */
function queryOf(app: Koa, text: string): unknown {
  const request = Object.create(app.request);
  request.req = { url: `/?${text}` };
  return request.query;
}

test('a query is what Koa makes of it', () => {
  const [usual, ours] = [new Koa(), new Koa()];
  readQueriesOnce(ours);
  const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', '%41', 'ü', '', '%');
  const pair = fc.tuple(
    name,
    fc.constantFrom('=', '', '=='),
    fc.string({ unit: 'grapheme-ascii' }),
  );
  const text = fc.array(pair).map((pairs) => pairs.map((parts) => parts.join('')).join('&'));
  fc.assert(
    fc.property(text, (query) => {
      const safe = query.replaceAll(/[#\s]/g, '');
      expect(queryOf(ours, safe)).toEqual(queryOf(usual, safe));
    }),
  );
});

test('is read again where it was set', () => {
  const app = new Koa();
  readQueriesOnce(app);
  const request = Object.create(app.request);
  request.req = { url: '/?a=1' };
  expect(request.query).toEqual({ a: '1' });
  expect(request.query).toBe(request.query);
  request.query = { b: '2' };
  expect(request.query).toEqual({ b: '2' });
});

test('a parameter that is __proto__ is one like any other', () => {
  expect(Object.keys(parseQuery('__proto__=1'))).toEqual(['__proto__']);
});

describe('thousands of parameters are gone through once', () => {
  const server = forAllTests(startTestServer);

  test.each(['/oauth/jwks', '/oauth/authorize', '/sign-in', '/scopes', '/api/openapi.json'])(
    '%s',
    async (path) => {
      const lookups = vi.spyOn(URLSearchParams.prototype, 'getAll');
      for (const piece of ['a&', 'a=1&']) {
        const response = await fetch(`${server.issuer}${path}?${piece.repeat(3_000)}`);
        expect(response.status).toBeLessThan(500);
      }
      expect(lookups.mock.calls.length).toBeLessThan(100);
      lookups.mockRestore();
    },
  );
});
