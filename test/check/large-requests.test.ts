/** The largest batches: nothing is gone through once for each question, and long work has pauses. */

import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { listAnswer } from '../../src/check/answer-list.ts';
import { readEvaluations } from '../../src/check/evaluation-request.ts';
import { callAccess } from '../support/access.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApi, demoApp, introspectAs, obtainTokens } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const many = 1_000;
const manyMembers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`member-${n}`, 0]));

const server = forAllTests(startTestServer);
let token: string;
beforeAll(async () => {
  await consentTo(server, demoApp, 'member@acme.test', 'user:read_user', ['user']);
  const tokens = await obtainTokens(server, demoApp, 'member@acme.test', 'user:read_user');
  token = tokens.access_token;
});

describe('defaults of 1,000 evaluations', () => {
  const one = {
    subject: { type: 'user', id: 'none' },
    action: { name: 'user:read_user' },
    resource: { type: 'user', id: 'user' },
  };
  /** Counts how often the members of an object are listed. */
  const watched = (value: object, counter: { listed: number }) =>
    new Proxy(value, {
      ownKeys(target) {
        counter.listed++;
        return Reflect.ownKeys(target);
      },
    });

  test.each([
    ['a context', (large: object) => ({ ...one, context: large })],
    ['properties', (large: object) => ({ ...one, subject: { ...one.subject, properties: large } })],
    ['unknown members', (large: object) => ({ ...one, unknown: large })],
  ])('%s of any size is not gone through for each', async (_what, withLarge) => {
    const counter = { listed: 0 };
    const large = watched(manyMembers(10), counter);
    const evaluations = Array.from({ length: many }, () => ({}));
    const read = await readEvaluations({ ...withLarge(large), evaluations });
    expect(read?.evaluations).toHaveLength(many);
    expect(read?.evaluations[0]).toMatchObject({ resource: one.resource });
    expect(counter.listed).toBeLessThan(10);
  });

  test.each([[[]], ['text'], [1], [null]])('a context that is %j is a fault', async (context) => {
    const read = await readEvaluations({ ...one, context, evaluations: [{}] });
    expect(read?.evaluations).toEqual([{ fault: expect.stringMatching(/^context: /) }]);
  });
});

test.each(['evaluation', 'evaluations', 'introspections'])(
  '%s: far more properties than questions could have are refused before they are read',
  async (path) => {
    const { status, body } = await callAccess(server, path, manyMembers(50_001));
    expect([status, body.error]).toEqual([400, 'invalid_request']);
    expect(body.error_description).toContain('properties');
  },
);

test('too many questions are counted, and no fault is looked for in them', async () => {
  const questions = Array.from({ length: 300_000 }, () => ({}));
  const { status, body } = await callAccess(server, 'introspections', { questions });
  expect(status).toBe(400);
  expect(body.error_description).toBe('questions: must have at most 1000 items');
});

test('the same question about everything is looked up once, and answered in each place', async () => {
  const questions = Array.from({ length: 100 }, (_, n) => ({
    token: n % 2 === 0 ? token : `${token}x`,
  }));
  const query = vi.spyOn(server.database.db, 'query');
  const { body } = await callAccess(server, 'introspections', { questions });
  const looked = query.mock.calls.map(([, values]) => elementsIn(values?.[1]));
  query.mockRestore();
  const alone = await introspectAs(server, demoApi, token);
  expect(alone.active).toBe(true);
  expect(body.answers).toEqual(
    questions.map((one) => (one.token === token ? alone : { active: false })),
  );
  expect(looked).toContain(1);
});

/** How many elements a one-dimensional array has that is sent in PostgreSQL's binary form; 0 of all else. */
function elementsIn(value: unknown): number {
  return Buffer.isBuffer(value) && value.length >= 20 && value.readInt32BE(0) === 1
    ? value.readInt32BE(12)
    : 0;
}

describe('a list of answers', () => {
  test('that is short is one text', async () => {
    expect(await listAnswer('answers', [1, { a: 'b' }])).toBe('{"answers":[1,{"a":"b"}]}');
    expect(await listAnswer('answers', [])).toBe('{"answers":[]}');
  });

  test('that is long is a stream of the same, piece by piece', async () => {
    const items = Array.from({ length: many }, (_, n) => ({ n, text: 'x'.repeat(1_000) }));
    const body = await listAnswer('answers', items);
    if (!(body instanceof Readable)) throw new Error('it is in one piece');
    expect(await text(body)).toBe(JSON.stringify({ answers: items }));
  });
});
