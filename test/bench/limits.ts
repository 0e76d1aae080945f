/**
 * The limits: what the machine can do at most, without and with one look-up a request.
 *
 * @module
 */

import { join } from 'node:path';
import type { Group } from './bench.ts';
import { introspection } from './bench.ts';
import { fixedAnswer } from './candidates/fixed-answer.ts';
import { withClient } from './fill.ts';
import { startServer } from './server.ts';

const programOf = (name: string) => join(import.meta.dirname, 'candidates', `${name}.ts`);

/** Bare node:http. */
export const limit: Group = {
  names: ['limit'],
  async prepare(bench) {
    const command = [programOf('limit')];
    const program = { command, environment: {}, readyPath: '/', database: undefined };
    const server = await startServer(program, bench.cleanup);
    return [{ name: 'limit', server, nextLoad: () => introspection(bench, '/introspect') }];
  },
};

/** The same with one prepared query. */
export const limitPg: Group = {
  names: ['limit+pg'],
  async prepare(bench) {
    const database = await bench.cluster.createDatabase('bench_limit');
    await fillAnswers(
      database,
      bench.asked.map(({ token }) => token),
    );
    const environment = { DATABASE_URL: database };
    const program = { command: [programOf('limit-pg')], environment, readyPath: '/', database };
    const server = await startServer(program, bench.cleanup);
    return [{ name: 'limit+pg', server, nextLoad: () => introspection(bench, '/introspect') }];
  },
};

async function fillAnswers(database: string, tokens: readonly string[]): Promise<void> {
  await withClient(database, async (client) => {
    await client.query('create table answers (token text primary key, answer text not null)');
    await client.query('insert into answers select token, $2 from unnest($1::text[]) token', [
      tokens,
      fixedAnswer,
    ]);
    await client.query('vacuum analyze answers');
  });
}
