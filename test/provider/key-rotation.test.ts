/** New keys while people are signed in and nodes are started one after the other: nobody notices. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWK,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { runCommand } from '../../src/operator/run.ts';
import { createLogger } from '../../src/ops/logging.ts';
import { listen, stopServer } from '../../src/ops/server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  type Node,
  readAnswer,
  redeem,
  signInFor,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer, type TestServer, testUsherKey } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:read_database';
const command = ['keys', 'rotate', '--as', dba];
let server: TestServer;
const started: Server[] = [];

beforeAll(async () => {
  server = await startTestServer();
  for (const client of [demoApp, tinyApp])
    await consentTo(server, client, dba, scope, ['acme/shop']);
  await run(`update clients set id_token_signed_response_alg = 'ES256', scope = $2 where id = $1`, [
    tinyApp.id,
    scope,
  ]);
});
afterAll(async () => {
  await Promise.all(started.map(stopServer));
  await server.close();
});

/** Another node of the same installation, started now. */
async function startNode(): Promise<Node> {
  const handler = await createApp({
    config: server.config,
    database: server.database.db,
    usherKey: testUsherKey,
    logger: createLogger('silent'),
    readiness: { isTaking: true },
  });
  const node = await listen(handler, '127.0.0.1', 0);
  started.push(node);
  const { port } = node.address() as AddressInfo;
  return { issuer: `http://127.0.0.1:${port}`, database: server.database };
}

const contextOf = (usherKey: string) => ({
  database: server.database.db,
  issuer: server.issuer,
  production: false,
  usherKey: () => usherKey,
});
const rotate = () => runCommand(contextOf(testUsherKey), command);
const run = (sql: string, values: unknown[] = []) =>
  server.database.db.query(statement(sql), values);

async function keysOf(node: Node): Promise<readonly JWK[]> {
  const { body } = await readAnswer(await fetch(`${node.issuer}/oauth/jwks`));
  return (body as JSONWebKeySet).keys;
}

const kidFor = async (node: Node, algorithm: string) =>
  (await keysOf(node)).find(({ alg }) => alg === algorithm)?.kid;

/** Signs in at a node, and takes an ID token there. */
async function idTokenAt(node: Node, agent: UserAgent, client = demoApp): Promise<string> {
  if (!(await knows(node, agent))) await signInFor(agent, `${node.issuer}/sign-in`, dba);
  const { url, verifier } = authorizationRequest(node, client, scope);
  const code = callbackOf(await agent.get(url)).get('code') ?? '';
  const { status, body } = await redeem(node, client, code, verifier);
  expect(status).toBe(200);
  return body.id_token;
}

/** Whether a node takes the session of a browser for one of its own. */
async function knows(node: Node, agent: UserAgent): Promise<boolean> {
  const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
  const page = await fetch(`${node.issuer}/account`, { headers: { cookie }, redirect: 'manual' });
  return page.status === 200;
}

const kidOf = (idToken: string) => decodeProtectedHeader(idToken).kid;

async function verifiesAt(node: Node, idToken: string): Promise<boolean> {
  const { body } = await readAnswer(await fetch(`${node.issuer}/oauth/jwks`));
  const verified = jwtVerify(idToken, createLocalJWKSet(body as JSONWebKeySet));
  return verified.then(
    () => true,
    () => false,
  );
}

test('only an operator may', async () => {
  await expect(rotate()).rejects.toThrow('not_allowed');
  await run(`insert into operators (account_id) select id from accounts where email = $1`, [dba]);
});

test('nodes that know the new keys, and such that do not yet, take each other for one', async () => {
  const before = createUserAgent(server.issuer);
  const old = await idTokenAt(server, before);
  const oldElliptic = await idTokenAt(server, before, tinyApp);
  const [kid, kidElliptic] = [await kidFor(server, 'RS256'), await kidFor(server, 'ES256')];
  expect([kidOf(old), kidOf(oldElliptic)]).toEqual([kid, kidElliptic]);

  expect(await rotate()).toEqual({ outcome: 'created', generation: 3 });
  const second = await startNode();
  expect(await keysOf(second)).toHaveLength(4);
  const between = createUserAgent(second.issuer);
  const byOldKey = await idTokenAt(second, between);
  expect(kidOf(byOldKey)).toBe(kid);
  expect(kidOf(await idTokenAt(second, between, tinyApp))).toBe(kidElliptic);
  for (const node of [server, second]) {
    expect(await verifiesAt(node, byOldKey)).toBe(true);
    for (const agent of [before, between]) expect(await knows(node, agent)).toBe(true);
  }

  await run(`update keys set created_at = created_at - interval '61 minutes'`);
  const third = await startNode();
  const after = createUserAgent(third.issuer);
  const byNewKey = await idTokenAt(third, after);
  const byNewElliptic = await idTokenAt(third, after, tinyApp);
  for (const idToken of [byNewKey, byNewElliptic]) {
    expect([kid, kidElliptic]).not.toContain(kidOf(idToken));
  }
  for (const node of [second, third]) {
    for (const idToken of [old, oldElliptic, byOldKey, byNewKey, byNewElliptic]) {
      expect(await verifiesAt(node, idToken)).toBe(true);
    }
    for (const agent of [before, between, after]) expect(await knows(node, agent)).toBe(true);
  }
});

test('another USHER_KEY makes no new keys', async () => {
  const wrong = runCommand(contextOf(`another ${testUsherKey}`), command);
  await expect(wrong).rejects.toThrow(/do not open with this key/);
  const [row] = (await run('select count(*)::int as count from keys')) as { count: number }[];
  expect(row?.count).toBe(7);
});

test('it is in the audit trail, with who did it, and without a key', async () => {
  const events = await run(
    `select outcome, after from audit_events where action = 'keys.rotated' order by id`,
  );
  expect(events).toEqual([
    { outcome: 'refused', after: null },
    { outcome: 'done', after: { generation: 3 } },
  ]);
});
