/**
 * A primary whose one synchronous standby is stopped: no commit returns. Questions are answered all the
 * same, writes are 503 in time, and when the standby is back everything goes on.
 */

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, statement } from '../../src/storage/engine/database.ts';
import { callAccess } from '../support/access.ts';
import { onPostgres } from '../support/database.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  type Node,
  obtainTokens,
  post,
  refresh,
} from '../support/oauth.ts';
import { canStartPair, type PostgresPair, startPair } from '../support/postgres-pair.ts';
import { type Processes, startProcesses } from '../support/processes.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const skip = !onPostgres || !canStartPair();
const title = 'a standby that is away';

describe(skip
  ? `${title} (skipped: takes DATABASE_URL and the programs of PostgreSQL 15)`
  : title, { skip }, () => {
  let pair: PostgresPair;
  let processes: Processes;
  let nodes: Node[];
  let admin: pg.Client;
  const address = () => ({
    connection: { connectionString: pair.url },
    shared: false,
    poolSize: 4,
  });

  beforeAll(async () => {
    pair = await startPair();
    processes = await startProcesses(2, { reach: async () => pair.url });
    const db = openDatabase(address());
    const database = { db, address: address(), close: () => db.close() };
    nodes = processes.nodes.map(({ issuer }) => ({ issuer, database }));
    admin = new pg.Client({ connectionString: pair.url });
    await admin.connect();
  }, 120_000);
  afterAll(async () => {
    await nodes[0]?.database.close();
    await processes.close();
    await admin.end();
    await pair.stop();
  });

  const waiting = async () => {
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where wait_event = 'SyncRep'`,
    );
    return rows[0]?.n ?? 0;
  };

  test('reads go on, writes are 503 in time and do not pile up, and all is well afterwards', async () => {
    const [one, two] = nodes as [Node, Node];
    await consentTo(one, demoApp, dba, scope, ['acme/shop']);
    const held = await obtainTokens(one, demoApp, dba, scope);
    const spare = await obtainTokens(one, demoApp, dba, scope);
    const pushed = Object.fromEntries(
      new URL(authorizationRequest(one, demoApp, scope).url).searchParams,
    );
    const write = (n: number) => post(n % 2 ? one : two, '/oauth/par', demoApp, pushed);
    const evaluation = {
      subject: { type: 'access_token', id: held.access_token },
      action: { name: scope },
      resource: { type: 'database', id: 'organizations/acme/databases/shop' },
    };
    await pair.stopStandby();

    const writes = Promise.all([
      ...Array.from({ length: 40 }, (_, n) => write(n)),
      refresh(two, demoApp, spare.refresh_token),
    ]);
    let isOver = false;
    void writes.finally(() => {
      isOver = true;
    });
    let asked = 0;
    while (!isOver || asked < 20) {
      for (const node of [one, two]) {
        const { status } = await post(node, '/oauth/introspect', demoApi, {
          token: held.access_token,
        });
        const { status: decided } = await callAccess(node, 'evaluation', evaluation);
        const { status: ready } = await fetch(`${node.issuer}/readyz`);
        expect({ asked, status, decided, ready }).toEqual({
          asked,
          status: 200,
          decided: 200,
          ready: 200,
        });
      }
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(new Set((await writes).map(({ status }) => status))).toEqual(new Set([503]));

    const stuck = await waiting();
    const more = await Promise.all(Array.from({ length: 100 }, (_, n) => write(n)));
    for (const { status, headers } of more) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect(await waiting()).toBeLessThanOrEqual(stuck + 2);

    await pair.startStandby();
    await expect.poll(async () => (await write(0)).status, { timeout: 20_000 }).toBe(201);
    await expect.poll(async () => (await write(1)).status, { timeout: 20_000 }).toBe(201);
    const revoked = await post(one, '/oauth/revoke', demoApp, { token: held.access_token });
    expect(revoked.status).toBe(200);
    for (const node of [one, two]) {
      const { body } = await post(node, '/oauth/introspect', demoApi, {
        token: held.access_token,
      });
      expect(body).toEqual({ active: false });
    }
  });

  test('a commit whose wait somebody ends is not called a success', async () => {
    await admin.query('create table noted (at timestamptz default now())');
    const db = openDatabase(address());
    const insert = statement('insert into noted default values');
    await db.query(insert); // connects
    await pair.stopStandby();
    for (const write of [() => db.query(insert), () => db.run((tx) => tx.query(insert))]) {
      const written = expect(write()).rejects.toMatchObject({ code: 'database_unavailable' });
      await expect.poll(waiting).toBe(1);
      await admin.query(
        `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`,
      );
      await written;
    }
    await pair.startStandby();
    await db.query(insert);
    await db.close();
  });
});
