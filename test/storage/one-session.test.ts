/** Several connections on the one session of the embedded database: no statement meets another's values. */

import { connect } from 'node:net';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedDatabase, serve } from '../../src/storage/engine/embedded-database.ts';

let embedded: EmbeddedDatabase;
beforeAll(async () => {
  embedded = await serve(await PGlite.create());
});
afterAll(() => embedded.stop());

async function open(): Promise<pg.Client> {
  const client = new pg.Client(embedded.address.connection);
  await client.connect();
  return client;
}

test('connections take turns by whole statements, and by whole transactions', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, open));
  await clients[0]?.query('create table counters (id int primary key, n int not null)');
  await clients[0]?.query('insert into counters values (1, 0)');
  const rounds = 40;
  await Promise.all(
    clients.map(async (client, own) => {
      for (let round = 0; round < rounds; round++) {
        const text = `select $1::int + ${own * 1000} as sum, 'connection ${own}' as who`;
        const { rows } = await client.query(text, [round]);
        expect(rows).toEqual([{ sum: own * 1000 + round, who: `connection ${own}` }]);
        await client.query('begin');
        const found = await client.query('select n from counters where id = $1', [1]);
        await client.query('update counters set n = $1', [Number(found.rows[0].n) + 1]);
        await client.query('commit');
      }
    }),
  );
  const { rows } = (await clients[0]?.query('select n from counters')) ?? { rows: [] };
  expect(rows).toEqual([{ n: clients.length * rounds }]);
  await Promise.all(clients.map((client) => client.end()));
});

test('one that is lost between Parse and Sync keeps nobody waiting', async () => {
  const other = await open();
  const { host } = embedded.address.connection;
  const lost = connect(join(String(host), '.s.PGSQL.5432'));
  const startup = Buffer.from('\0\0\0\0\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1');
  startup.writeInt32BE(startup.length);
  lost.write(startup);
  await new Promise((resolve) => lost.once('data', resolve));
  const parse = Buffer.from('P\0\0\0\0\0select 1\0\0\0', 'latin1');
  parse.writeInt32BE(parse.length - 1, 1);
  lost.write(parse);
  await new Promise((resolve) => lost.once('data', resolve)); // ParseComplete
  const answer = other.query('select $1::int as n', [7]);
  lost.destroy();
  expect((await answer).rows).toEqual([{ n: 7 }]);
  await other.end();
});
