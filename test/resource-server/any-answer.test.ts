/**
 * RFC 7662 section 2.2: whatever comes back, only an answer that says in so many words that this
 * token may do this here lets a request in; and each request gets the answer to its own question.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createResourceServer,
  type ResourceServer,
} from '../../src/resource-server/resource-server.ts';

interface Question {
  readonly token: string;
  readonly resource: string;
}

/** In the place of Usher: answers what the test says, as late as it says. */
let answerTo: (question: Question) => unknown;
let delay: () => number = () => 0;
let requests = 0;
let standIn: Server;
let issuer: string;
let server: ResourceServer;

beforeAll(async () => {
  standIn = createServer(async (req, res) => {
    requests += 1;
    const { questions, isBatch } = await questionsOf(req);
    const answers = questions.map(answerTo);
    await wait(delay());
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(isBatch ? { answers } : answers[0]) ?? 'nothing');
  }).listen(0, '127.0.0.1');
  await once(standIn, 'listening');
  issuer = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
  server = createResourceServer({
    issuer,
    clientId: 'api',
    clientSecret: 'secret',
    timeoutMilliseconds: 20_000,
    onFailure: () => {},
  });
});
afterAll(async () => {
  server.close();
  standIn.closeAllConnections();
  standIn.close();
  await once(standIn, 'close');
});

async function questionsOf(req: IncomingMessage) {
  const body = await text(req);
  if (req.url === '/access/v1/introspections') {
    const { questions } = JSON.parse(body) as { questions: Question[] };
    return { questions, isBatch: true };
  }
  const fields = new URLSearchParams(body);
  const question = { token: fields.get('token') ?? '', resource: fields.get('resource') ?? '' };
  return { questions: [question], isBatch: false };
}

const scope = 'database:read_branches';
const path = 'organizations/acme/databases/shop/branches/main';
const identifier = `br_${'1'.repeat(32)}`;

function permit() {
  return {
    active: true,
    iss: issuer,
    sub: 'user_1',
    client_id: 'app',
    token_type: 'Bearer',
    iat: 1_700_000_000,
    exp: 1_700_003_600,
    scope,
    resource: { type: 'branch', identifier, path, production: true },
  };
}

async function isLetIn(resource: string): Promise<boolean> {
  const guard = server.requireScope(scope, { type: 'branch', resource: () => resource });
  const headers = { authorization: 'Bearer usher_at_x' };
  const verdict = await guard(new Request('http://localhost/', { headers }));
  if (!verdict.ok) expect([401, 403, 503]).toContain(verdict.response.status);
  return verdict.ok;
}

/** By the raw JSON: what it has to say, whatever else it says. */
// biome-ignore lint/suspicious/noExplicitAny: anything that JSON can say
function saysSo(json: any, asked: string): boolean {
  return (
    json?.active === true &&
    json.iss === issuer &&
    json.token_type === 'Bearer' &&
    !('cnf' in json) &&
    typeof json.scope === 'string' &&
    json.scope.split(' ').includes(scope) &&
    json.resource?.type === 'branch' &&
    (asked === path ? json.resource.path === path : json.resource.identifier === asked)
  );
}

/** Mostly what could be taken for the right thing. */
const oddValues = fc.oneof(
  fc.constantFrom<unknown>(true, 'true', 1, 0, '', null, [], {}, [true], { toString: 'x' }),
  fc.constantFrom<unknown>('Bearer', 'bearer', 'DPoP', scope, [scope], `${scope} x`, `${scope},x`),
  fc.constantFrom<unknown>(`x${scope}`, scope.toUpperCase(), '*', 'user', path, identifier),
  fc.constantFrom<unknown>({ jkt: 'x' }, { 'x5t#S256': 'x' }, { type: 'branch', identifier, path }),
  fc.jsonValue({ maxDepth: 2 }),
);
const members = [
  ...['active', 'iss', 'sub', 'client_id', 'token_type', 'iat', 'exp', 'scope', 'resource'],
  ...['cnf', 'below', 'aud', 'username', 'error', '__proto__'],
];

test('any change of a permit lets in only where it still is one', {
  timeout: 120_000,
}, async () => {
  const changes = fc.array(fc.tuple(fc.constantFrom(...members), oddValues), { maxLength: 3 });
  const resourceChanges = fc.array(
    fc.tuple(fc.constantFrom('type', 'identifier', 'path', 'production'), oddValues),
    { maxLength: 1 },
  );
  const asked = fc.constantFrom(path, identifier);
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(changes, resourceChanges, asked, async (some, ofResource, resource) => {
      const { resource: whole, ...others } = permit();
      const json = {
        ...others,
        resource: { ...whole, ...Object.fromEntries(ofResource) },
        ...Object.fromEntries(some),
      };
      const sent = JSON.parse(JSON.stringify(json));
      answerTo = () => sent;
      const letIn = await isLetIn(resource);
      seen.add(letIn);
      if (letIn) expect(saysSo(sent, resource), JSON.stringify(sent)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(seen).toEqual(new Set([true, false]));
});

test('anything else that JSON can say lets nobody in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (json) => {
      answerTo = () => json;
      expect(await isLetIn(path)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('a thousand requests at once, answered in any order: each gets its own answer', async () => {
  requests = 0;
  let late = 0;
  delay = () => (late++ * 7) % 40;
  answerTo = ({ token, resource }) => ({
    ...permit(),
    sub: token,
    scope: `${scope} database:write_branches`,
    resource: { type: 'branch', identifier: `br_${resource.length}`, path: resource },
  });
  const guard = server.requireScope(scope, {
    resource: ({ url }) => new URL(url).pathname.slice(1),
  });
  const asked = Array.from({ length: 1_000 }, async (_, n) => {
    await wait(n % 23);
    const [token, resource] = [`usher_at_${n % 97}`, `organizations/o${n % 31}`];
    const headers = { authorization: `Bearer ${token}` };
    const verdict = await guard(new Request(`http://localhost/${resource}`, { headers }));
    expect(verdict).toMatchObject({
      ok: true,
      token: { sub: token, resource: { path: resource } },
    });
  });
  await Promise.all(asked);
  delay = () => 0;
  expect(requests).toBeLessThan(500);
});
