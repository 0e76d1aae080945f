/**
 * Connections to the database that went silent, as when a primary vanishes, its address moves or a
 * translation entry is dropped: nothing breaks, nothing answers. New connections work.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { consentTo, demoApi, demoApp, type Node, obtainTokens, post } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { type DatabaseProxy, startProxy } from '../support/tcp-proxy.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const one = statement('select 1 as one');
const away = { code: 'database_unavailable' };

describe(
  ...onlyOnPostgres('silent connections', 'the embedded database is reached without a network'),
  () => {
    let processes: Processes;
    let proxy: DatabaseProxy;
    let token: string;
    let nodes: readonly [Node, ...Node[]];

    beforeAll(async () => {
      processes = await startProcesses(2, {
        reach: async ({ address }) => {
          proxy = await startProxy(address);
          return proxy.address.connection.connectionString ?? '';
        },
      });
      nodes = processes.nodes;
      await consentTo(nodes[0], demoApp, dba, scope, ['acme/shop']);
      token = (await obtainTokens(nodes[0], demoApp, dba, scope)).access_token;
    });
    afterEach(() => proxy.restore());
    afterAll(async () => {
      await processes.close();
      await proxy.close();
    });

    const introspect = (node: Node) =>
      post(node, '/oauth/introspect', demoApi, { token }, {}).then(({ status }) => status);
    const ready = async ({ issuer }: Node) => (await fetch(`${issuer}/readyz`)).status;
    /** So many questions that both lanes of each node use a connection of their own. */
    const warmUp = () =>
      Promise.all(Array.from({ length: 80 }, () => nodes.map(introspect)).flat());
    /** One question a lane, on every node; those that are stuck are not waited for. */
    const fillLanes = async () => {
      const asked: Promise<number>[] = [];
      for (let lane = 0; lane < 2; lane++) {
        asked.push(...nodes.map(introspect));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return asked;
    };

    test('both lanes of each node recover by themselves', async () => {
      await warmUp();
      proxy.silence();
      const stuck = await Promise.all(await fillLanes());
      expect(new Set(stuck)).toEqual(new Set([503]));
      for (const node of nodes) {
        expect(await Promise.all([1, 2, 3, 4].map(() => introspect(node)))).toEqual(
          Array.from({ length: 4 }, () => 200),
        );
      }
    });

    test('a node whose lanes are stuck is not ready, though a new connection would work', async () => {
      await warmUp();
      proxy.silence();
      const asked = await fillLanes();
      expect(await Promise.all(nodes.map(ready))).toEqual([503, 503]);
      await Promise.all(asked);
      expect(await Promise.all(nodes.map(ready))).toEqual([200, 200]);
    });

    test('while nothing answers, questions are 503; afterwards all is as before', async () => {
      proxy.silenceAll();
      expect(await Promise.all(nodes.map(introspect))).toEqual([503, 503]);
      expect(await Promise.all(nodes.map(ready))).toEqual([503, 503]);
      proxy.restore();
      for (const node of nodes) {
        await expect.poll(() => introspect(node), { timeout: 15_000 }).toBe(200);
        expect(await ready(node)).toBe(200);
      }
    });

    test('a transaction on a connection that goes silent ends, and the next one works', async () => {
      const db = openDatabase({ ...proxy.address, poolSize: 2 });
      const tx = await db.begin();
      await tx.query(one);
      proxy.silence();
      await expect(tx.query(one)).rejects.toMatchObject(away);
      await expect(tx.rollback()).rejects.toMatchObject(away);
      expect(await db.run((next) => next.query(one))).toEqual([{ one: 1 }]);
      await db.close();
    });

    test('a commit on a connection that goes silent is no commit that is known of', async () => {
      const db = openDatabase({ ...proxy.address, poolSize: 2 });
      const work = db.run(async (tx) => {
        await tx.query(one);
        proxy.silence();
      });
      await expect(work).rejects.toMatchObject(away);
      expect(await db.query(one)).toEqual([{ one: 1 }]);
      await db.close();
    });
  },
);
