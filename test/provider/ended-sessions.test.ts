/** OWASP ASVS 5 section 7.4: what has ended stays ended, whatever was on its way when it did. */

import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import {
  deleteOtherSessions,
  deleteSession,
  findSession,
  holdForSignIn,
  insertSession,
  rotateSession,
  updateSession,
} from '../../src/storage/people/sessions.ts';
import {
  deleteRecord,
  findRecord,
  insertRecord,
  updateRecord,
} from '../../src/storage/tokens/provider-records.ts';
import { deleteGrant, findGrant, updateGrant } from '../../src/storage/tokens/tokens.ts';
import { authorize } from '../support/authorize.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApp,
  type Node,
  obtainTokens,
} from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { copyOf, isSignedIn } from '../support/submit-twice.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);

beforeAll(() => consentTo(server, demoApp, dba, scope, ['acme/shop']));

async function accountId(): Promise<string> {
  const [row] = await server.database.db.query<{ id: string }>(
    statement('select id from accounts where email = $1'),
    [dba],
  );
  return row?.id ?? '';
}

describe('a record that was read and is gone', () => {
  const ids = () =>
    Array.from({ length: 4 }, () => randomBytes(32)) as [Buffer, Buffer, Buffer, Buffer];

  async function session(id: Buffer) {
    return {
      id,
      uid: id.toString('hex'),
      accountId: await accountId(),
      payload: {},
      lifetimeSeconds: 60,
    };
  }

  test('a session is not written back, nor under a new id', async () => {
    const { db } = server.database;
    const [id, other] = ids();
    await insertSession(db, await session(id));
    await deleteSession(db, id);
    expect(await updateSession(db, await session(id))).toBe('ended');
    const renamed = { ...(await session(id)), id: other };
    expect(await rotateSession(db, id, renamed)).toBe('ended');
    expect(await findSession(db, id)).toBeUndefined();
    expect(await findSession(db, other)).toBeUndefined();
  });

  test('the id that a session had before serves until the browser has shown the new one', async () => {
    const { db } = server.database;
    const [id, second, third] = ids();
    await insertSession(db, await session(id));
    const at = async (now: Buffer) => ({ ...(await session(id)), id: now });
    expect(await rotateSession(db, id, await at(second))).toBe('updated');
    expect(await findSession(db, id)).toMatchObject({ isPrevious: true });
    // Another tab that still sends the old one does not take the new one from the first.
    expect(await rotateSession(db, id, await at(third))).toBe('previous');
    expect(await findSession(db, second)).toMatchObject({ isPrevious: false });
    await db.query(
      statement(`update sessions set confirmed_at = confirmed_at - interval '11 s' where id = $1`),
      [second],
    );
    expect(await findSession(db, id)).toBeUndefined();
    expect(await findSession(db, second)).toBeDefined();
  });

  test('ending a session by the id before ends it', async () => {
    const { db } = server.database;
    const [id, second] = ids();
    await insertSession(db, await session(id));
    await rotateSession(db, id, { ...(await session(id)), id: second });
    await deleteSession(db, id);
    expect(await findSession(db, second)).toBeUndefined();
  });

  test('an interaction and a pushed request are not written back', async () => {
    const { db } = server.database;
    const [id] = ids();
    for (const kind of ['Interaction', 'PushedAuthorizationRequest']) {
      const key = { kind, id };
      await insertRecord(db, key, {}, 60);
      await deleteRecord(db, key);
      expect(await updateRecord(db, key, { again: true }, 60)).toBe(false);
      expect(await findRecord(db, key)).toBeUndefined();
    }
  });

  test('a grant is not written back', async () => {
    const { db } = server.database;
    await obtainTokens(server, demoApp, dba, scope);
    const [grant] = await db.query<{ id: string }>(statement('select id from grants limit 1'));
    const id = grant?.id ?? '';
    expect(await updateGrant(db, { id, payload: {} })).toBe(true);
    await deleteGrant(db, id);
    expect(await updateGrant(db, { id, payload: {} })).toBe(false);
    expect(await findGrant(db, id)).toBeUndefined();
  });
});

describe('a sign-in that was proven before all sessions ended', () => {
  test('begins none after', async () => {
    const agent = createUserAgent(server.issuer);
    const first = await signInStep(agent);
    const { db } = server.database;
    const id = await accountId();
    await db.run((tx) => deleteOtherSessions(tx, id, undefined));
    const resumed = await agent.get(first);
    expect(resumed.status).toBe(400);
    expect(await isSignedIn(server, agent)).toBe(false);
  });

  test('an account that is not active begins none', async () => {
    const { db } = server.database;
    const id = await accountId();
    const [{ epoch } = { epoch: -1 }] = await db.query<{ epoch: number }>(
      statement('select sign_in_epoch as epoch from accounts where id = $1'),
      [id],
    );
    const held = () => db.run((tx) => holdForSignIn(tx, { id, signInEpoch: epoch }));
    expect(await held()).toBe(true);
    await db.query(statement(`update accounts set status = 'suspended' where id = $1`), [id]);
    expect(await held()).toBe(false);
    await db.query(statement(`update accounts set status = 'active' where id = $1`), [id]);
  });

  /** Proves the password on the way of an application. @returns where the request goes on. */
  async function signInStep(agent: UserAgent): Promise<string> {
    const page = await agent.get(authorizationRequest(server, demoApp, scope).url);
    const [, token = ''] = /name="token" value="([^"]*)"/.exec(page.html) ?? [];
    const answer = await fetch(page.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: [...agent.cookies].map((pair) => pair.join('=')).join('; ') },
      body: new URLSearchParams({ token, email: dba, password: 'usher-demo' }),
    });
    return answer.headers.get('location') ?? '';
  }
});

/** A thief's loop of silent requests beside the owner's sign-out. @returns whether it survived. */
async function survivesSignOut(nodes: readonly [Node, ...Node[]]): Promise<boolean> {
  const [one] = nodes;
  const owner = createUserAgent(one.issuer);
  await signInBy(owner, dba);
  const thief = copyOf(owner, one.issuer);
  const state = { isOver: false };
  const loops = Array.from({ length: 6 }, async (_, n) => {
    const node = nodes[n % nodes.length] ?? one;
    while (!state.isOver) await authorize(node, demoApp, { prompt: 'none' }, thief);
  });
  const page = await owner.get('/sign-out');
  await owner.submit(page, undefined, '/sign-out');
  state.isOver = true;
  await Promise.all(loops);
  return isSignedIn(one, thief);
}

test('of ten sign-outs beside a loop with the stolen cookie, none is undone', async () => {
  for (let round = 0; round < 10; round++) expect(await survivesSignOut([server])).toBe(false);
});

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  beforeAll(() => consentTo(processes.nodes[0], demoApp, dba, scope, ['acme/shop']));

  test('of ten sign-outs beside loops with the stolen cookie on both, none is undone', async () => {
    for (let round = 0; round < 10; round++) {
      expect(await survivesSignOut(processes.nodes)).toBe(false);
    }
  });
});
