/**
 * RFC 7662: the fast path and the library answer the same request alike, in status, JSON and headers.
 *
 * Both are asked through the running server. The long form is `npm run soak`.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { compareMany, type Seen } from './compare-many.ts';
import { type OddWorld, writeOddWorld } from './odd-world.ts';
import { createTwoWays, type Sent } from './two-ways.ts';

let server: TestServer;
let world: OddWorld;
let ways: ReturnType<typeof createTwoWays>;

beforeAll(async () => {
  server = await startTestServer();
  world = await writeOddWorld(server);
  ways = createTwoWays(server.issuer);
});
afterAll(async () => {
  ways.close();
  await server.close();
});

/** @returns the answer that both gave. */
async function expectSame(body: string, change: Partial<Sent> = {}) {
  const { fast, library, isPlain } = await ways.ask({
    authorization: `Basic ${Buffer.from('demo-api:demo-api-secret').toString('base64')}`,
    contentType: 'application/x-www-form-urlencoded',
    accept: '*/*',
    body: Buffer.from(body),
    ...change,
  });
  expect(fast).toEqual(library);
  return { ...fast, isPlain };
}

describe('the fast path answers as the library does', () => {
  test('1,000 requests, plain and odd', { timeout: 300_000 }, async () => {
    const seen: Seen = await compareMany(ways, world, 1_000);
    expect(seen.plain).toBeGreaterThan(seen.requests / 5);
    expect(seen.plain).toBeLessThan(seen.requests);
    expect([...seen.plainAnswers].sort()).toEqual(['200 active', '200 inactive', '401']);
    expect([...seen.answers].sort()).toEqual(['200 active', '200 inactive', '400', '401']);
  });

  test.each<[sentence: string, body: string]>([
    ['an empty body', ''],
    ['no token', 'resource=user'],
    ['a broken escape', 'token=%zz'],
    ['raw bytes beyond ASCII', 'token=tök&x=ü'],
    ['names without values', 'token&resource'],
    ['a plus and escapes', 'token=a+b%20c'],
    ['a body of 60,000 bytes', `token=x&pad=${'x'.repeat(60_000)}`],
    ['a token that stands behind 2,000 other parameters', `${'a&'.repeat(2_000)}token=x`],
    ['a token that stands before 2,000 other parameters', `token=x${'&a'.repeat(2_000)}`],
  ])('%s', async (_sentence, body) => {
    await expectSame(body);
  });

  test('live tokens, so that the comparison is not between two refusals', async () => {
    for (const resource of [...world.resources.slice(0, 11), undefined]) {
      const fields = new URLSearchParams({ token: world.tokens[0] ?? '' });
      if (resource !== undefined) fields.set('resource', resource);
      const answer = await expectSame(fields.toString());
      expect(answer).toMatchObject({ isPlain: true, status: 200, json: { active: true } });
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
    }
  });

  test('every secret: those that count, and those that expired, were removed or are not the id’s', async () => {
    const seen = [];
    for (const [id, secret] of world.askers) {
      const fields = { token: world.tokens[0] ?? '', client_id: id, client_secret: secret };
      const body = new URLSearchParams(fields).toString();
      const { status } = await expectSame(body, { authorization: undefined });
      seen.push(status);
    }
    expect(seen.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(seen.slice(10))).toEqual(new Set([400, 401]));
  });
});
